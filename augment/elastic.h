// Shakes an image as if it were drawn on rubber.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "augment/decision.h"
#include "augment/warp.h"
#include "runtime/image.h"
#include "runtime/random.h"

namespace sluice::augment {

// Simard, Steinkraus and Platt, "Best practices for convolutional neural networks applied to visual
// document analysis", 2003: every pixel gets a displacement along x and one along y, uniform in -1
// to 1; both fields are smoothed by a Gaussian and multiplied by alpha, in pixels. As in the usual
// code (SciPy's gaussian_filter, mode "constant", truncate 3), smoothing sees zeros outside, so the
// border moves less. (torchvision's alpha counts half pixels and its smoothing reflects.)
//
// One draw: 64 bits, from which all displacements follow (Philox: key = the bits, counter = x / 4,
// y; word x % 4 holds x's displacement in its low half and y's in its high half). u8 or f32, type
// and size kept; makes whole images only.
struct Elastic {
  struct Decision {
    std::uint64_t seed = 0;

    std::string text() const;  // "elastic field 1f2e3d4c5b6a7988"
    friend bool operator==(const Decision&, const Decision&) = default;
  };

  double alpha = 34;  // pixels, 0 to 1000
  double sigma = 4;   // of the Gaussian, pixels, 0.5 to 64; weights reach to 3 sigma
  Canvas canvas;

  void check() const;
  Decision draw(Random& random, Extent) const { return {random.bits()}; }
  Extent extent_after(const Decision&, Extent before) const { return before; }
  PixelType type_after(PixelType type) const { return type; }
  // Both fields, and a row of noise.
  std::size_t scratch_bytes(const Decision& decision, Extent before, PixelType type) const;
  void apply(ConstImageView from, const Decision& decision, ImageView to,
             std::span<std::byte> scratch) const;
};
static_assert(SmallDecision<Elastic::Decision>);

}  // namespace sluice::augment
