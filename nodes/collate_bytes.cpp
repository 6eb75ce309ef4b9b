#include "nodes/collate_bytes.h"

#include "augment/store.h"
#include "nodes/collate.h"

namespace sluice::nodes {

std::optional<ImageView> CollateBytes::row_image(Extent extent, PixelType type,
                                                 std::span<std::byte> row) const {
  if (extent != Extent{side, side} || type != PixelType::u8 || channels != kChannels)
    return std::nullopt;
  return ImageView{row.data(), extent, type};
}

Result<> CollateBytes::store(ConstImageView image, const graph::SampleId&,
                             std::span<std::byte> row) const {
  if (image.extent != Extent{side, side}) return wrong_extent(image.extent, side);
  channels == 1 ? augment::store_first_channel_bytes(image, row)
                : augment::store_row_bytes(image, row);
  return Ok{};
}

}  // namespace sluice::nodes
