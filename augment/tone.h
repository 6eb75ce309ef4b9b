// Colour operations that need a pixel's own values and its grey: brightness, contrast, saturation,
// grey, and what standardises an image.
#pragma once

#include "augment/colour_affine.h"

namespace sluice::augment {

// Grey is 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601: Pillow's "L", OpenCV's and torchvision's
// grey).
inline constexpr Rgb kGreyWeights = {0.299F, 0.587F, 0.114F};

constexpr float grey_of(float red, float green, float blue) {
  return kGreyWeights[0] * red + kGreyWeights[1] * green + kGreyWeights[2] * blue;
}

// out = factor * in + (grey * grey_of(in) + offset), in float and in this order. Where `grey` is 0
// the bracket is `offset`.
struct Tone {
  float factor = 1;
  float grey = 0;
  float offset = 0;
};

constexpr ColourAffine affine_of(const Tone& tone) {
  ColourAffine affine;
  affine.offset = {tone.offset, tone.offset, tone.offset};
  for (std::size_t r = 0; r < 3; ++r)
    for (std::size_t c = 0; c < 3; ++c)
      affine.factor[r][c] = (r == c ? tone.factor : 0) + tone.grey * kGreyWeights[c];
  return affine;
}

}  // namespace sluice::augment
