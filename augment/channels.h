// Loops over all channel values of an image; for the .cpp files of this folder.
#pragma once

#include <array>
#include <cassert>
#include <cstddef>

#include "augment/colour_affine.h"
#include "runtime/image.h"

namespace sluice::augment {

// to[i] = operation(from[i], constants[i % 3]) over `pixels` pixels. Four pixels at a time, so that
// the constants fill whole vectors and the compiler needs no shuffles.
template <class T, class Operation>
void combine_channels(const T* from, const Rgb& constants, std::size_t pixels, float* to,
                      Operation operation) {
  constexpr std::size_t kGroup = 12;
  std::array<float, kGroup> repeated;
  for (std::size_t i = 0; i < kGroup; ++i) repeated[i] = constants[i % kChannels];
  const std::size_t values = pixels * kChannels;
  std::size_t i = 0;
  for (; i + kGroup <= values; i += kGroup)
    for (std::size_t j = 0; j < kGroup; ++j)
      to[i + j] = operation(static_cast<float>(from[i + j]), repeated[j]);
  for (; i < values; ++i) to[i] = operation(static_cast<float>(from[i]), constants[i % kChannels]);
}

// The same for a whole image of either type (rows have no gaps); `to` is f32.
template <class Operation>
void combine_channels(ConstImageView from, const Rgb& constants, ImageView to,
                      Operation operation) {
  assert(to.extent == from.extent && to.type == PixelType::f32);
  const auto pixels = static_cast<std::size_t>(from.extent.pixels());
  if (from.type == PixelType::u8)
    combine_channels(from.u8(0), constants, pixels, to.f32(0), operation);
  else
    combine_channels(from.f32(0), constants, pixels, to.f32(0), operation);
}

}  // namespace sluice::augment
