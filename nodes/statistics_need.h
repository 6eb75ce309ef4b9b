// What of the training images' measured statistics a node or a chain takes.
#pragma once

namespace sluice::nodes {

struct StatisticsNeed {
  bool mean_rgb = false;
  bool mean_image = false;
  bool covariance = false;
  bool any() const { return mean_rgb || mean_image || covariance; }
};

constexpr StatisticsNeed operator|(const StatisticsNeed& a, const StatisticsNeed& b) {
  return {.mean_rgb = a.mean_rgb || b.mean_rgb,
          .mean_image = a.mean_image || b.mean_image,
          .covariance = a.covariance || b.covariance};
}

}  // namespace sluice::nodes
