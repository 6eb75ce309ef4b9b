#include "nodes/collate.h"

#include "augment/store.h"

namespace sluice::nodes {

ItemError wrong_extent(Extent image, int side) {
  return {fmt::format("the chain gave {} x {} pixels where the net takes {} x {}", image.width,
                      image.height, side, side)};
}

std::optional<ImageView> Collate::row_image(Extent extent, PixelType type,
                                            std::span<float> row) const {
  if (extent != Extent{side, side} || type != PixelType::f32 || channels != kChannels)
    return std::nullopt;
  return ImageView{reinterpret_cast<std::byte*>(row.data()), extent, type};
}

Result<> Collate::store(ConstImageView image, const graph::SampleId&, std::span<float> row) const {
  if (image.extent != Extent{side, side}) return wrong_extent(image.extent, side);
  channels == 1 ? augment::store_first_channel(image, row) : augment::store_row(image, row);
  return Ok{};
}

}  // namespace sluice::nodes
