#include "augment/mean_image.h"

#include <fmt/core.h>

#include <cassert>

#include "augment/part_rows.h"
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

void MeanImage::apply(ConstImageView from, const Decision& decision, ImageView to) const {
  apply_part(all_of(from), decision, all_of(to), {});
}

void MeanImage::apply_part(const ConstImagePart& from, const Decision&, const ImagePart& to,
                           std::span<std::byte>) const {
  assert(from.whole == extent && to.view.type == PixelType::f32);
  const auto whole_row = static_cast<std::size_t>(extent.width) * kChannels;
  const auto row = static_cast<std::size_t>(to.box.extent.width) * kChannels;
  const float* mean = values->data() + static_cast<std::size_t>(to.box.top) * whole_row +
                      static_cast<std::size_t>(to.box.left) * kChannels;
  for (int y = 0; y < to.box.extent.height; ++y, mean += whole_row) {
    const ConstImageView in = part_row(from, to.box.left, to.box.top + y, to.box.extent.width);
    if (in.type == PixelType::u8)
      simd::subtract(std::span(in.u8(0), row), mean, to.view.f32(y));
    else
      simd::subtract(std::span(in.f32(0), row), mean, to.view.f32(y));
  }
}

MeanImage mean_image_of(const Statistics& statistics) {
  return {.values = std::make_shared<const std::vector<float>>(statistics.mean_image),
          .extent = statistics.mean_extent};
}

}  // namespace sluice::augment
