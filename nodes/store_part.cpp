#include "nodes/store_part.h"

#include <concepts>
#include <cstring>

namespace sluice::nodes {
namespace {

template <class Value>
void copy_mirrored(const Value* from, int pixels, int channels, float* to) {
  for (int x = pixels - 1; x >= 0; --x)
    for (int c = 0; c < channels; ++c) *to++ = static_cast<float>(from[x * kChannels + c]);
}

template <class Value>
void copy_straight(const Value* from, int pixels, int channels, float* to) {
  if constexpr (std::same_as<Value, float>) {
    if (channels == kChannels) {
      std::memcpy(to, from, static_cast<std::size_t>(pixels) * kChannels * sizeof(float));
      return;
    }
  }
  for (int x = 0; x < pixels; ++x)
    for (int c = 0; c < channels; ++c) *to++ = static_cast<float>(from[x * kChannels + c]);
}

}  // namespace

void store_part(ConstImageView image, const StoredPart& part, float* to) {
  const Box& box = part.box;
  const auto line = [&](const auto* from) {
    from += box.left * kChannels;
    const int width = box.extent.width;
    part.mirror == augment::Mirror::yes ? copy_mirrored(from, width, part.channels, to)
                                        : copy_straight(from, width, part.channels, to);
    to += width * part.channels;
  };
  for (int y = box.top; y < box.bottom(); ++y)
    image.type == PixelType::f32 ? line(image.f32(y)) : line(image.u8(y));
}

}  // namespace sluice::nodes
