// Gaussian noise on every value.
#pragma once

#include <cstdint>
#include <string>

#include "augment/decision.h"
#include "runtime/image.h"
#include "runtime/random.h"

namespace sluice::augment {

// out = in + a normal number of deviation sigma for each value, sigma uniform in [sigma, sigma_to]
// (two draws: sigma, then the 64 bits that key the numbers; random_words.h). u8 is rounded to the
// nearest and clamped; f32 stays unclamped. Values and channels are independent, as in
// torchvision's gaussian_noise and scikit-image's random_noise; like those, at the ends of the
// scale clamped noise is no longer of mean 0.
struct Noise {
  struct Decision {
    double sigma = 0;  // grey levels
    std::uint64_t seed = 0;

    std::string text() const;  // "noise of 8.0 grey levels"
    friend bool operator==(const Decision&, const Decision&) = default;
  };

  double sigma = 0;      // grey levels, 0 to 255
  double sigma_to = 16;  // sigma to 255

  void check() const;
  Decision draw(Random& random, Extent) const;
  Extent extent_after(const Decision&, Extent before) const { return before; }
  PixelType type_after(PixelType type) const { return type; }
  void apply(ConstImageView in, const Decision& decision, ImageView out) const;
};
static_assert(SmallDecision<Noise::Decision>);

}  // namespace sluice::augment
