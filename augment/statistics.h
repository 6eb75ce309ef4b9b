// What a recipe needs to know about its training images, summed exactly.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "runtime/image.h"
#include "runtime/statistics.h"

namespace sluice::augment {

// All sums are integers, so that any order of `add` and `merge` gives the same bits. A value, not
// synchronised: one per thread, merged at the end.
class StatisticsSum {
 public:
  // Images larger than this get no mean image: the sums take 24 bytes a pixel.
  static constexpr std::int64_t kMaxMeanPixels = 1024 * 1024;

  // A u8 image. Allocates once, at the first image.
  void add(ConstImageView image);
  void merge(const StatisticsSum& other);

  std::int64_t images() const { return images_; }
  // Means, the covariance divided by the number of pixels, and the mean image when all images had
  // one size of at most kMaxMeanPixels. Throws Error{usage} when no pixel was added.
  Statistics finish() const;

 private:
  void join_extent(Extent extent);
  void drop_positions();
  void add_row(const std::uint8_t* row, int width);

  std::int64_t images_ = 0;
  std::uint64_t pixels_ = 0;
  std::array<std::uint64_t, 3> sums_{};
  std::array<std::uint64_t, 6> products_{};  // RR RG RB GG GB BB
  bool one_extent_ = true;
  Extent extent_;                         // of all images so far, while one_extent_
  std::vector<std::uint64_t> positions_;  // (height, width, 3), while one_extent_
};

}  // namespace sluice::augment
