// The least that a net must beat: a linear classifier on 8 x 8 thumbnails. Pure functions.
#pragma once

#include <array>
#include <span>

#include "runtime/image.h"

namespace sluice::nodes {

inline constexpr int kThumbnailSide = 8;

struct Thumbnail {
  std::array<float, kThumbnailSide * kThumbnailSide * kChannels>
      values{};  // row, column, channel; 0 to 255
  int label = 0;
};

// Squashes a u8 image of at least one pixel to 8 x 8 by the mean over each cell's area (pixels on
// an edge count with their share).
Thumbnail make_thumbnail(ConstImageView image, int label);

// Top-1 accuracy (0 to 1) on `val` of ridge regression of the classes' indicators on `train`,
// standardised. The penalty is the best for `val` of seven, which flatters the baseline. Throws
// Error{usage} when a split is empty or a label lies outside 0 ... classes - 1.
double linear_baseline(std::span<const Thumbnail> train, std::span<const Thumbnail> val,
                       int classes);

}  // namespace sluice::nodes
