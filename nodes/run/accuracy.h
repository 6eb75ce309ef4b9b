// Accuracy from scores: pure sums over batches.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "graph/batch.h"

namespace sluice::nodes {

// Classes that score above `label`'s, ties going to the lower class: 0 is right at top-1. A score
// that is not a number is never right.
int rank_of(std::span<const float> scores, std::int32_t label);
int rank_of(std::span<const double> scores, std::int32_t label);

// The class that scores highest, the lower one of equals; -1 when no score is a number.
int predicted_class(std::span<const float> scores);
int predicted_class(std::span<const double> scores);

class Accuracy {
 public:
  explicit Accuracy(int classes);

  // Rows of weight 0 (bad or missing images) do not count.
  void add(const graph::Batch& batch);
  // One image. `scores`: (classes), or probabilities.
  void add(std::int32_t label, std::span<const double> scores);

  std::int64_t images() const { return images_; }
  std::size_t classes() const { return class_images_.size(); }
  double top1() const;
  double top5() const;
  // Mean over the classes that have images of their top-1.
  double per_class() const;
  // Of a class: its images, and those of them that were right at top-1.
  std::int64_t images_of(std::size_t of_class) const { return class_images_[of_class]; }
  std::int64_t right_of(std::size_t of_class) const { return class_right_[of_class]; }

  // Nets of more classes have no table of confusions: it would be larger than what it tells.
  static constexpr int kMostConfused = 1000;
  // (label, predicted): images, those without any score that is a number left out. Empty for more
  // classes than kMostConfused.
  const std::vector<std::int64_t>& confusions() const { return confusions_; }

 private:
  void count(std::int32_t label, int rank, int predicted);

  std::int64_t images_ = 0;
  std::int64_t right1_ = 0;
  std::int64_t right5_ = 0;
  std::vector<std::int64_t> class_images_;
  std::vector<std::int64_t> class_right_;
  std::vector<std::int64_t> confusions_;
};

}  // namespace sluice::nodes
