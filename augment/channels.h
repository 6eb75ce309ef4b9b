// What colour operations do to every channel value: one operation with one constant a channel.
#pragma once

#include <cstdint>

#include "augment/colour_affine.h"
#include "runtime/image.h"

namespace sluice::augment {

enum class ChannelOperation : std::uint8_t { add, subtract, divide };

// to[i] = from[i] `operation` constants[i % 3], over `pixels` pixels. T: u8 or float.
template <class T>
struct ChannelLoop {
  const T* from = nullptr;
  ChannelOperation operation = ChannelOperation::add;
  Rgb constants{};
  std::size_t pixels = 0;
  float* to = nullptr;
};

}  // namespace sluice::augment
