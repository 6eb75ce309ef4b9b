// What activations and their gradients are stored as. Kernels load, compute in float, round once
// and store: results in bf16 are those of f32 arithmetic on rounded inputs. Constant expressions,
// so that a device's compiler takes them too.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "runtime/backend/backend.h"

namespace sluice {

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

[[gnu::always_inline]] constexpr float to_float(float value) { return value; }
[[gnu::always_inline]] constexpr float to_float(Bf16 value) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(value.bits) << 16U);
}

// To the nearest, of two equally near the even one; what is not a number stays so.
template <class T>
[[gnu::always_inline]] constexpr T rounded_to(float value) {
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

// Calls work with a value of the element's type: float or Bf16.
template <class Work>
void with_element(Precision element, const Work& work) {
  if (element == Precision::bf16) return work(Bf16{});
  work(float{});
}

}  // namespace sluice
