// Sums over one image's pixels, by channel; for this folder's operations.
#pragma once

#include <array>

#include "runtime/image.h"

namespace sluice::augment {

// Whole numbers below 2^53 for u8 images of up to 2^37 pixels, so exact in any order; for f32 they
// are summed in the order of the pixels.
struct ColourSums {
  std::array<double, 3> values{};
  std::array<double, 3> squares{};
};

ColourSums colour_sums(ConstImageView image);

// 0.299 R + 0.587 G + 0.114 B of the mean colour; 0 of an image without pixels.
double mean_grey(ConstImageView image);

}  // namespace sluice::augment
