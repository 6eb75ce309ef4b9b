#include "augment/store.h"

#include <cassert>
#include <cstring>

#include "augment/simd/values.h"

namespace sluice::augment {

void store_row(ConstImageView from, std::span<float> row) {
  assert(row.size() == static_cast<std::size_t>(from.extent.pixels()) * kChannels);
  if (from.type == PixelType::f32) {
    std::memcpy(row.data(), from.data, row.size_bytes());
    return;
  }
  simd::to_float({from.u8(0), row.size()}, row.data());
}

}  // namespace sluice::augment
