// The operations that RandAugment and TrivialAugment choose from, as entries of a chain. Pure.
//
// As torchvision 0.19 has them (transforms/v2/_auto_augment.py, _AUGMENTATION_SPACE of RandAugment
// and of TrivialAugmentWide), which follow Cubuk et al. 2019 (arXiv 1909.13719) and Mueller and
// Hutter 2021 (arXiv 2103.10158): identity, shear, translation and rotation, brightness,
// saturation, contrast and sharpness (each with either sign), posterize, solarize, autocontrast,
// equalize; 31 strengths from nothing to most. What differs: images are sheared about their centre,
// not about their upper left corner.
#pragma once

#include <vector>

#include "io/recipe.h"

namespace sluice::nodes {

// The most of each operation.
struct AugmentSpace {
  double shear;      // tangent of the slant
  double translate;  // of the width or height
  double rotate;     // degrees
  double colour;     // brightness and its like: factors 1 - colour ... 1 + colour
  int bits;          // that posterize takes away
};

// RandAugment's: 0.3, 150 of 331 pixels, 30 degrees, 0.9, 4 bits.
constexpr AugmentSpace rand_augment_space() { return {0.3, 150.0 / 331.0, 30.0, 0.9, 4}; }
// TrivialAugment's wide one: 0.99, `translate` (32 pixels of an image: 1/7 of 224), 135 degrees,
// 0.99, 6 bits.
constexpr AugmentSpace wide_space(double translate) { return {0.99, translate, 135.0, 0.99, 6}; }

inline constexpr int kStrengths = 31;

// How images are sampled and what they leave is filled with.
struct AugmentLook {
  std::string sampling = "nearest";
  double fill = 0.0;
};

// All operations at one strength, 0 to kStrengths - 1, each twice: with either sign, or the same
// where there is none. Choosing evenly among them chooses evenly among operations and then signs.
std::vector<io::ChainEntry> augment_space(const AugmentSpace& space, int strength,
                                          const AugmentLook& look);

}  // namespace sluice::nodes
