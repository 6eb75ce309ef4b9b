// Numbers of other widths as f32, exactly (doubles: rounded to nearest). Pure.
#pragma once

#include <bit>
#include <cstdint>
#include <string_view>

namespace sluice::io {

enum class FloatType : std::uint8_t { f16, bf16, f32, f64 };

constexpr std::size_t bytes_of(FloatType type) {
  if (type == FloatType::f64) return 8;
  return type == FloatType::f32 ? 4 : 2;
}

// IEEE 754 binary16: subnormal, infinite and not-a-number values too.
constexpr float from_f16(std::uint16_t bits) {
  const std::uint32_t sign = static_cast<std::uint32_t>(bits & 0x8000U) << 16U;
  const std::uint32_t exponent = (bits >> 10U) & 0x1FU;
  const std::uint32_t fraction = bits & 0x3FFU;
  if (exponent == 0x1FU) return std::bit_cast<float>(sign | 0x7F800000U | (fraction << 13U));
  if (exponent != 0)
    return std::bit_cast<float>(sign | ((exponent + 112U) << 23U) | (fraction << 13U));
  const float size = static_cast<float>(fraction) * 0x1p-24F;  // subnormal, or zero
  return sign == 0 ? size : -size;
}

constexpr float from_bf16(std::uint16_t bits) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16U);
}

}  // namespace sluice::io
