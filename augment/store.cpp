#include "augment/store.h"

#include <cassert>
#include <cstring>

namespace sluice::augment {

void store_row(ConstImageView from, std::span<float> row) {
  assert(row.size() == static_cast<std::size_t>(from.extent.pixels()) * kChannels);
  if (from.type == PixelType::f32) {
    std::memcpy(row.data(), from.data, row.size_bytes());
    return;
  }
  const std::uint8_t* source = from.u8(0);
  for (std::size_t i = 0; i < row.size(); ++i) row[i] = static_cast<float>(source[i]);
}

}  // namespace sluice::augment
