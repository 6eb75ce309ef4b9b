#include "augment/mean_image.h"

#include <fmt/core.h>

#include <cassert>

#include "augment/simd/values.h"
#include "runtime/error.h"

namespace sluice::augment {

void MeanImage::check() const {
  require(values && !values->empty(),
          "mean image: there is none, it exists when all training images have one size there: crop "
          "before it, or subtract the mean colour");
  require(values->size() == static_cast<std::size_t>(extent.pixels()) * kChannels,
          "mean image: {} values for {}x{} pixels, three a pixel are needed", values->size(),
          extent.width, extent.height);
}

std::optional<std::string> MeanImage::refuses(Extent before) const {
  if (before == extent) return std::nullopt;
  return fmt::format("image of {}x{} does not fit the mean image of {}x{}: crop to {}x{} first",
                     before.width, before.height, extent.width, extent.height, extent.width,
                     extent.height);
}

void MeanImage::apply(ConstImageView from, const Decision&, ImageView to) const {
  assert(from.extent == extent && to.extent == extent && to.type == PixelType::f32);
  if (from.type == PixelType::u8)
    simd::subtract(std::span(from.u8(0), values->size()), values->data(), to.f32(0));
  else
    simd::subtract(std::span(from.f32(0), values->size()), values->data(), to.f32(0));
}

MeanImage mean_image_of(const Statistics& statistics) {
  return {.values = std::make_shared<const std::vector<float>>(statistics.mean_image),
          .extent = statistics.mean_extent};
}

}  // namespace sluice::augment
