#include "nodes/decode_grey.h"

#include <algorithm>

namespace sluice::nodes {

Result<graph::DecodeNeeds> DecodeGrey::inspect(std::span<const std::byte> bytes) const {
  if (bytes.size() == static_cast<std::size_t>(extent.pixels())) return graph::DecodeNeeds{extent};
  return ItemError{fmt::format("{} bytes where {} x {} grey pixels take {}", bytes.size(),
                               extent.width, extent.height, extent.pixels())};
}

Result<> DecodeGrey::decode(std::span<const std::byte> bytes, ImageView to) const {
  std::byte* pixel = to.data;
  for (const std::byte grey : bytes) pixel = std::fill_n(pixel, kChannels, grey);
  return Ok{};
}

}  // namespace sluice::nodes
