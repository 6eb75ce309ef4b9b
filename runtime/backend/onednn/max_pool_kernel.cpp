#include "runtime/backend/onednn/max_pool_kernel.h"

#include <algorithm>

#include "runtime/backend/onednn/vector16.h"

namespace sluice::onednn::kernels {
namespace {

// A window inside the plane: its first pixel and what the edge leaves of it.
struct Window {
  const float* first;
  std::size_t height, width;
};

[[gnu::always_inline]] inline void pool_lanes(const PoolGeometry& g, const Window& window,
                                              std::size_t channel, float* out,
                                              std::uint8_t* winners) {
  Floats best, value;
  load(window.first + channel, best);
  Ints place{};
  for (std::size_t y = 0; y < window.height; ++y) {
    for (std::size_t x = 0; x < window.width; ++x) {
      load(window.first + (y * g.side + x) * g.channels + channel, value);
      const Ints here = Ints{} + static_cast<std::int32_t>(y * g.kernel + x);
      const Ints larger = value > best;
      best = larger ? value : best;
      place = larger ? here : place;
    }
  }
  store(best, out + channel);
  if (winners != nullptr) store_bytes(place, winners + channel);
}

void pool_channel(const PoolGeometry& g, const Window& window, std::size_t channel, float* out,
                  std::uint8_t* winners) {
  float best = window.first[channel];
  std::size_t place = 0;
  for (std::size_t y = 0; y < window.height; ++y) {
    for (std::size_t x = 0; x < window.width; ++x) {
      const float value = window.first[(y * g.side + x) * g.channels + channel];
      if (!(value > best)) continue;
      best = value;
      place = y * g.kernel + x;
    }
  }
  out[channel] = best;
  if (winners != nullptr) winners[channel] = static_cast<std::uint8_t>(place);
}

// Outputs whose windows cover an input pixel, in one direction: [first, end).
struct Covering {
  std::size_t first, end;
};

Covering covering(const PoolGeometry& g, std::size_t at) {
  const std::size_t first = at < g.kernel ? 0 : (at - g.kernel) / g.stride + 1;
  return {first, std::min(at / g.stride + 1, g.out_side)};
}

// What an input pixel gets its gradient from.
struct Sources {
  const float* gradient;
  const std::uint8_t* winners;
  std::size_t y, x;
  Covering rows, columns;
};

[[gnu::always_inline]] inline void gather_lanes(const PoolGeometry& g, const Sources& from,
                                                std::size_t channel, Floats& sum) {
  Floats gradient;
  Ints winner;
  for (std::size_t oy = from.rows.first; oy < from.rows.end; ++oy) {
    for (std::size_t ox = from.columns.first; ox < from.columns.end; ++ox) {
      const std::size_t at = (oy * g.out_side + ox) * g.channels + channel;
      const std::size_t place = (from.y - oy * g.stride) * g.kernel + (from.x - ox * g.stride);
      load(from.gradient + at, gradient);
      load_bytes(from.winners + at, winner);
      const Ints chosen = winner == static_cast<std::int32_t>(place);
      sum += chosen ? gradient : Floats{};
    }
  }
}

float gather_channel(const PoolGeometry& g, const Sources& from, std::size_t channel) {
  float sum = 0.0F;
  for (std::size_t oy = from.rows.first; oy < from.rows.end; ++oy) {
    for (std::size_t ox = from.columns.first; ox < from.columns.end; ++ox) {
      const std::size_t at = (oy * g.out_side + ox) * g.channels + channel;
      const std::size_t place = (from.y - oy * g.stride) * g.kernel + (from.x - ox * g.stride);
      if (from.winners[at] == place) sum += from.gradient[at];
    }
  }
  return sum;
}

}  // namespace

[[gnu::target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")]] void max_pool_row(
    const PoolGeometry& g, const float* image, std::size_t oy, float* out, std::uint8_t* winners) {
  const std::size_t y = oy * g.stride;
  for (std::size_t ox = 0; ox < g.out_side; ++ox) {
    const std::size_t x = ox * g.stride, at = ox * g.channels;
    const Window window{.first = image + (y * g.side + x) * g.channels,
                        .height = std::min(g.kernel, g.side - y),
                        .width = std::min(g.kernel, g.side - x)};
    std::uint8_t* places = winners == nullptr ? nullptr : winners + at;
    std::size_t c = 0;
    for (; c + kLanes <= g.channels; c += kLanes) pool_lanes(g, window, c, out + at, places);
    for (; c < g.channels; ++c) pool_channel(g, window, c, out + at, places);
  }
}

[[gnu::target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")]] void max_pool_backward_row(
    const PoolGeometry& g, const float* image, const float* out_gradient,
    const std::uint8_t* winners, std::size_t y, float* gradient_row) {
  for (std::size_t x = 0; x < g.side; ++x) {
    const Sources from{.gradient = out_gradient,
                       .winners = winners,
                       .y = y,
                       .x = x,
                       .rows = covering(g, y),
                       .columns = covering(g, x)};
    float* to = gradient_row + x * g.channels;
    const float* mask = image == nullptr ? nullptr : image + (y * g.side + x) * g.channels;
    std::size_t c = 0;
    for (; c + kLanes <= g.channels; c += kLanes) {
      Floats sum{}, value;
      gather_lanes(g, from, c, sum);
      if (mask != nullptr) {
        load(mask + c, value);
        sum = value > 0.0F ? sum : Floats{};
      }
      store(sum, to + c);
    }
    for (; c < g.channels; ++c) {
      to[c] = mask == nullptr || mask[c] > 0.0F ? gather_channel(g, from, c) : 0.0F;
    }
  }
}

}  // namespace sluice::onednn::kernels
