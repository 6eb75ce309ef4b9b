#include "runtime/backend/onednn/kernels.h"

namespace sluice::onednn::kernels {
namespace {

// Read as integers, bf16 are in the order of their values from 0 up and negative below.
[[gnu::always_inline]] inline bool positive(Bf16 value) {
  return static_cast<std::int16_t>(value.bits) > 0;
}

}  // namespace

[[gnu::target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")]] void relu(const float* from,
                                                                                std::size_t count,
                                                                                float* to) {
  for (std::size_t i = 0; i < count; ++i) to[i] = from[i] > 0.0F ? from[i] : 0.0F;
}

[[gnu::target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")]] void relu_backward(
    const float* __restrict result, std::size_t count, float* __restrict gradient) {
  for (std::size_t i = 0; i < count; ++i) gradient[i] = result[i] > 0.0F ? gradient[i] : 0.0F;
}

[[gnu::target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")]] void relu(const Bf16* from,
                                                                                std::size_t count,
                                                                                Bf16* to) {
  for (std::size_t i = 0; i < count; ++i) to[i] = positive(from[i]) ? from[i] : Bf16{};
}

[[gnu::target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")]] void relu_backward(
    const Bf16* __restrict result, std::size_t count, Bf16* __restrict gradient) {
  for (std::size_t i = 0; i < count; ++i) gradient[i] = positive(result[i]) ? gradient[i] : Bf16{};
}

[[gnu::target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")]] void mask(
    const float* from, const std::uint8_t* kept, float factor, std::size_t count, float* to) {
  for (std::size_t i = 0; i < count; ++i) to[i] = kept[i] != 0 ? from[i] * factor : 0.0F;
}

[[gnu::target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")]] void scale(const float* from,
                                                                                 float factor,
                                                                                 std::size_t count,
                                                                                 float* to) {
  for (std::size_t i = 0; i < count; ++i) to[i] = from[i] * factor;
}

[[gnu::target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")]] void mask(
    const Bf16* from, const std::uint8_t* kept, float factor, std::size_t count, Bf16* to) {
  for (std::size_t i = 0; i < count; ++i) {
    const Bf16 product = rounded_to<Bf16>(to_float(from[i]) * factor);
    to[i] = kept[i] != 0 ? product : Bf16{};
  }
}

[[gnu::target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")]] void scale(const Bf16* from,
                                                                                 float factor,
                                                                                 std::size_t count,
                                                                                 Bf16* to) {
  for (std::size_t i = 0; i < count; ++i) to[i] = rounded_to<Bf16>(to_float(from[i]) * factor);
}

[[gnu::target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")]] void round_values(
    const float* __restrict from, std::size_t count, Bf16* __restrict to) {
  for (std::size_t i = 0; i < count; ++i) to[i] = rounded_to<Bf16>(from[i]);
}

[[gnu::target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")]] void widen_values(
    const Bf16* __restrict from, std::size_t count, float* __restrict to) {
  for (std::size_t i = 0; i < count; ++i) to[i] = to_float(from[i]);
}

}  // namespace sluice::onednn::kernels
