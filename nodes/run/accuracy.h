// Accuracy from scores: pure sums over batches.
#pragma once

#include <cstdint>
#include <vector>

#include "graph/batch.h"

namespace sluice::nodes {

// Classes that score above `label`'s, ties going to the lower class: 0 is right at top-1. A score
// that is not a number is never right.
int rank_of(std::span<const float> scores, std::int32_t label);

class Accuracy {
 public:
  explicit Accuracy(int classes);

  // Rows of weight 0 (bad or missing images) do not count.
  void add(const graph::Batch& batch);

  std::int64_t images() const { return images_; }
  double top1() const;
  double top5() const;
  // Mean over the classes that have images of their top-1.
  double per_class() const;

 private:
  std::int64_t images_ = 0;
  std::int64_t right1_ = 0;
  std::int64_t right5_ = 0;
  std::vector<std::int64_t> class_images_;
  std::vector<std::int64_t> class_right_;
};

}  // namespace sluice::nodes
