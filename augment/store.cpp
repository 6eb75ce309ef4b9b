#include "augment/store.h"

#include <cassert>
#include <cstring>

#include "augment/simd/values.h"

namespace sluice::augment {
namespace {

template <class Value, class Stored>
void store_every_third(const Value* from, std::span<Stored> row) {
  for (std::size_t i = 0; i < row.size(); ++i) row[i] = static_cast<Stored>(from[i * kChannels]);
}

}  // namespace

void store_row(ConstImageView from, std::span<float> row) {
  assert(row.size() == static_cast<std::size_t>(from.extent.pixels()) * kChannels);
  if (from.type == PixelType::f32) {
    std::memcpy(row.data(), from.data, row.size_bytes());
    return;
  }
  simd::to_float({from.u8(0), row.size()}, row.data());
}

void store_first_channel(ConstImageView from, std::span<float> row) {
  assert(row.size() == static_cast<std::size_t>(from.extent.pixels()));
  if (from.type == PixelType::f32) return store_every_third(from.f32(0), row);
  store_every_third(from.u8(0), row);
}

void store_row_bytes(ConstImageView from, std::span<std::byte> row) {
  assert(from.type == PixelType::u8 && row.size() == image_bytes(from.extent, from.type));
  std::memcpy(row.data(), from.data, row.size());
}

void store_first_channel_bytes(ConstImageView from, std::span<std::byte> row) {
  assert(row.size() == static_cast<std::size_t>(from.extent.pixels()));
  store_every_third(from.u8(0), row);
}

}  // namespace sluice::augment
