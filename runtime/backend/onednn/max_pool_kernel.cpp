#include "runtime/backend/onednn/max_pool_kernel.h"

#include <algorithm>
#include <array>

namespace sluice::onednn::kernels {
namespace {

constexpr std::size_t kTile = 64;  // channels at a time: they stay in registers or the first cache

// One output pixel, `n` channels.
[[gnu::always_inline]] inline void pool_tile(const PoolGeometry& g, const float* image,
                                             std::size_t y0, std::size_t x0, std::size_t n,
                                             float* __restrict best,
                                             std::int32_t* __restrict place) {
  const float* first = image + (y0 * g.side + x0) * g.channels;
  for (std::size_t c = 0; c < n; ++c) best[c] = first[c];
  for (std::size_t c = 0; c < n; ++c) place[c] = 0;
  const std::size_t y1 = std::min(g.kernel, g.side - y0), x1 = std::min(g.kernel, g.side - x0);
  for (std::size_t y = 0; y < y1; ++y) {
    for (std::size_t x = 0; x < x1; ++x) {
      const float* __restrict in = first + (y * g.side + x) * g.channels;
      const auto here = static_cast<std::int32_t>(y * g.kernel + x);
      for (std::size_t c = 0; c < n; ++c) {
        const bool larger = in[c] > best[c];
        best[c] = larger ? in[c] : best[c];
        place[c] = larger ? here : place[c];
      }
    }
  }
}

// Adds the gradients of one output pixel that chose this place.
[[gnu::always_inline]] inline void gather(const float* __restrict gradient,
                                          const std::uint8_t* __restrict winners,
                                          std::uint8_t place, std::size_t n,
                                          float* __restrict sum) {
  for (std::size_t c = 0; c < n; ++c) sum[c] += winners[c] == place ? gradient[c] : 0.0F;
}

// Outputs whose windows cover input `at`: [first, end).
struct Covering {
  std::size_t first, end;
};

Covering covering(const PoolGeometry& g, std::size_t at) {
  const std::size_t first = at < g.kernel ? 0 : (at - g.kernel) / g.stride + 1;
  return {first, std::min(at / g.stride + 1, g.out_side)};
}

}  // namespace

[[gnu::target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")]] void max_pool_row(
    const PoolGeometry& g, const float* image, std::size_t oy, float* out, std::uint8_t* winners) {
  std::array<float, kTile> best;
  std::array<std::int32_t, kTile> place;
  for (std::size_t ox = 0; ox < g.out_side; ++ox) {
    for (std::size_t c = 0; c < g.channels; c += kTile) {
      const std::size_t n = std::min(kTile, g.channels - c);
      pool_tile(g, image + c, oy * g.stride, ox * g.stride, n, best.data(), place.data());
      const std::size_t at = ox * g.channels + c;
      std::copy_n(best.data(), n, out + at);
      if (winners == nullptr) continue;
      for (std::size_t i = 0; i < n; ++i) winners[at + i] = static_cast<std::uint8_t>(place[i]);
    }
  }
}

[[gnu::target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")]] void max_pool_backward_row(
    const PoolGeometry& g, const float* image, const float* out_gradient,
    const std::uint8_t* winners, std::size_t y, float* gradient_row) {
  const Covering rows = covering(g, y);
  for (std::size_t x = 0; x < g.side; ++x) {
    float* sum = gradient_row + x * g.channels;
    std::fill_n(sum, g.channels, 0.0F);
    const Covering columns = covering(g, x);
    for (std::size_t oy = rows.first; oy < rows.end; ++oy) {
      for (std::size_t ox = columns.first; ox < columns.end; ++ox) {
        const std::size_t at = (oy * g.out_side + ox) * g.channels;
        const auto place =
            static_cast<std::uint8_t>((y - oy * g.stride) * g.kernel + (x - ox * g.stride));
        gather(out_gradient + at, winners + at, place, g.channels, sum);
      }
    }
    if (image == nullptr) continue;
    const float* value = image + (y * g.side + x) * g.channels;
    for (std::size_t c = 0; c < g.channels; ++c) sum[c] = value[c] > 0.0F ? sum[c] : 0.0F;
  }
}

}  // namespace sluice::onednn::kernels
