#include "nodes/run/saliency.h"

#include <algorithm>
#include <cmath>

#include "nodes/run/picture_colours.h"
#include "nodes/run/run_phase.h"

namespace sluice::nodes {
namespace {

constexpr double kDarkerPart = 0.995;  // of all pixels, than white

}  // namespace

Look::Look(Program& program, std::span<const float> row, int of_class)
    : program_(&program), row_(row), labels_{of_class} {
  run(Phase::forward);
}

void Look::run(Phase phase) const {
  run_phase(*program_, phase,
            {.rows = row_, .labels = labels_, .row_weights = weights_, .last = Phase::backward});
}

std::vector<float> Look::slopes() const {
  run(Phase::backward);
  const Tensor gradients = program_->row_gradients();
  return largest_slopes(gradients.values(), static_cast<std::size_t>(gradients.shape()[1]));
}

double white_slope(std::span<const float> slopes) {
  const double white = quantile(slopes, kDarkerPart);
  return white > 0.0 ? white : quantile(slopes, 1.0);
}

std::vector<float> largest_slopes(std::span<const float> gradients, std::size_t channels) {
  std::vector<float> largest(gradients.size() / channels, 0.0F);
  for (std::size_t i = 0; i < gradients.size(); ++i) {
    float& pixel = largest[i % largest.size()];
    const float slope = std::abs(gradients[i]);
    if (slope > pixel || std::isnan(slope)) pixel = slope;  // nothing is larger than a NaN
  }
  return largest;
}

}  // namespace sluice::nodes
