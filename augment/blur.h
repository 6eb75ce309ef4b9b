// Gaussian blur.
#pragma once

#include <span>
#include <string>

#include "augment/decision.h"
#include "runtime/image.h"
#include "runtime/random.h"

namespace sluice::augment {

// Each value becomes the mean of those around it, weighted by a Gaussian of deviation sigma pixels,
// sigma uniform in [sigma, sigma_to] (one draw); 0 changes nothing. As OpenCV's GaussianBlur and
// torchvision's gaussian_blur with a side of 2 ceil(3 sigma) + 1: weights are the Gaussian at whole
// distances, divided by their sum, and the image goes on beyond its edge mirrored about the edge's
// pixel (dcb|abcd|cba). Both directions are summed in float; u8 is rounded once, at the end.
struct Blur {
  struct Decision {
    double sigma = 0;  // pixels

    std::string text() const;  // "blur of 1.20 pixels"
    friend bool operator==(const Decision&, const Decision&) = default;
  };

  double sigma = 0.1;   // pixels, 0 to 30
  double sigma_to = 2;  // sigma to 30

  void check() const;
  Decision draw(Random& random, Extent) const;
  Extent extent_after(const Decision&, Extent before) const { return before; }
  PixelType type_after(PixelType type) const { return type; }
  std::size_t scratch_bytes(const Decision& decision, Extent before, PixelType type) const;
  bool keeps_pixels(const Decision& decision) const { return decision.sigma == 0; }
  Box box_before(const Decision& decision, Extent before, const Box& after) const;
  void apply_part(const ConstImagePart& in, const Decision& decision, const ImagePart& out,
                  std::span<std::byte> scratch) const;
  void apply(ConstImageView in, const Decision& decision, ImageView out,
             std::span<std::byte> scratch) const {
    apply_part(all_of(in), decision, all_of(out), scratch);
  }
};
static_assert(SmallDecision<Blur::Decision>);

}  // namespace sluice::augment
