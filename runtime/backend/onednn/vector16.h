// Sixteen lanes in the compiler's own vector types: it lowers them to whatever the function is
// compiled for. For loops that it does not turn into such code by itself. Always inlined.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace sluice::onednn::kernels {

inline constexpr std::size_t kLanes = 16;
using Floats [[gnu::vector_size(64)]] = float;
using Ints [[gnu::vector_size(64)]] = std::int32_t;

// By reference: passing such a vector by value has another ABI in every instruction set.
template <class Vector, class T>
[[gnu::always_inline]] inline void load(const T* from, Vector& to) {
  std::memcpy(&to, from, sizeof(Vector));
}

template <class Vector, class T>
[[gnu::always_inline]] inline void store(const Vector& from, T* to) {
  std::memcpy(to, &from, sizeof(Vector));
}

// Loops, because g++ 12 takes its own __builtin_convertvector apart into single lanes.
[[gnu::always_inline]] inline void load_bytes(const std::uint8_t* from, Ints& to) {
  std::int32_t lanes[kLanes];
  for (std::size_t i = 0; i < kLanes; ++i) lanes[i] = from[i];
  std::memcpy(&to, lanes, sizeof(to));
}

[[gnu::always_inline]] inline void store_bytes(const Ints& from, std::uint8_t* to) {
  std::int32_t lanes[kLanes];
  std::memcpy(lanes, &from, sizeof(from));
  for (std::size_t i = 0; i < kLanes; ++i) to[i] = static_cast<std::uint8_t>(lanes[i]);
}

}  // namespace sluice::onednn::kernels
