// What activations and their gradients are stored as. Kernels load, compute in float, round once
// and store: results in bf16 are those of f32 arithmetic on rounded inputs.
#pragma once

#include <bit>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "runtime/backend/backend.h"

namespace sluice::onednn {

// The upper half of a float's bits (brain floating point). For storage only.
struct Bf16 {
  std::uint16_t bits = 0;
};

// Of one value of an activation.
constexpr std::size_t element_bytes(Precision precision) {
  return precision == Precision::bf16 ? sizeof(Bf16) : sizeof(float);
}

template <class T>
constexpr Precision element_of = std::is_same_v<T, Bf16> ? Precision::bf16 : Precision::f32;

// Scores and losses stay f32 whatever the net is computed in.
inline Precision output_element(const Net& net, std::size_t layer, Precision precision) {
  return layer + 2 >= net.layers.size() ? Precision::f32 : precision;
}

[[gnu::always_inline]] inline float to_float(float value) { return value; }
[[gnu::always_inline]] inline float to_float(Bf16 value) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(value.bits) << 16U);
}

// To the nearest, of two equally near the even one; what is not a number stays so.
template <class T>
[[gnu::always_inline]] inline T rounded_to(float value) {
  if constexpr (std::is_same_v<T, float>) {
    return value;
  } else {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    const std::uint32_t nearest = (bits + 0x7FFFU + ((bits >> 16U) & 1U)) >> 16U;
    const std::uint32_t quiet = (bits >> 16U) | 0x40U;
    const bool number = (bits & 0x7FFFFFFFU) <= 0x7F800000U;
    return {static_cast<std::uint16_t>(number ? nearest : quiet)};
  }
}

// An activation of a batch, or its gradient; null where there is none. Does not own.
template <class Byte>
struct BasicArray {
  Byte* data = nullptr;
  Precision element = Precision::f32;

  // T: the element's own type, float or Bf16.
  template <class T>
  auto* as() const {
    assert(data == nullptr || element == element_of<T>);
    if constexpr (std::is_const_v<Byte>) {
      return reinterpret_cast<const T*>(data);
    } else {
      return reinterpret_cast<T*>(data);
    }
  }
  explicit operator bool() const { return data != nullptr; }
  operator BasicArray<const std::byte>() const { return {data, element}; }
};
using Array = BasicArray<std::byte>;
using ConstArray = BasicArray<const std::byte>;

// Calls work with a value of the element's type: float or Bf16.
template <class Work>
void with_element(Precision element, const Work& work) {
  if (element == Precision::bf16) return work(Bf16{});
  work(float{});
}

}  // namespace sluice::onednn
