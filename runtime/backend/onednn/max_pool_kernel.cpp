#include "runtime/backend/onednn/max_pool_kernel.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "runtime/backend/onednn/max_pool_kernel.cpp"
#include <hwy/foreach_target.h>  // compiles this file once for each instruction set
#include <hwy/highway.h>

#include "runtime/backend/onednn/element_lanes.h"

HWY_BEFORE_NAMESPACE();
namespace sluice::onednn::kernels::HWY_NAMESPACE {
namespace {

using Place = hn::RebindToSigned<Float>;
using Byte = hn::Rebind<std::uint8_t, Float>;

constexpr std::size_t kMostTaps = kMaxKernel * kMaxKernel;

// The pixels of a window in row-major order, or of what the edge leaves of it.
template <class T>
struct Window {
  std::array<const T*, kMostTaps> pixels;
  std::array<std::int32_t, kMostTaps> places;
  std::size_t count = 0;
};

template <class T>
HWY_INLINE void find_window(const PoolGeometry& g, std::span<const T* const> rows, std::size_t x,
                            Window<T>& window) {
  window.count = 0;
  for (std::size_t dy = 0; dy < rows.size(); ++dy) {
    for (std::size_t dx = 0; dx < std::min(g.kernel, g.width - x); ++dx) {
      window.pixels[window.count] = rows[dy] + (x + dx) * g.channels;
      window.places[window.count++] = static_cast<std::int32_t>(dy * g.kernel + dx);
    }
  }
}

template <class T>
HWY_INLINE void pool_lanes(const Window<T>& window, std::size_t channel, T* out,
                           std::uint8_t* winners) {
  auto best = load(window.pixels[0] + channel);
  auto place = hn::Zero(Place());
  for (std::size_t i = 1; i < window.count; ++i) {
    const auto value = load(window.pixels[i] + channel);
    const auto larger = hn::Gt(value, best);
    best = hn::IfThenElse(larger, value, best);
    place =
        hn::IfThenElse(hn::RebindMask(Place(), larger), hn::Set(Place(), window.places[i]), place);
  }
  store(best, out + channel);
  if (winners != nullptr) hn::StoreU(hn::DemoteTo(Byte(), place), Byte(), winners + channel);
}

// One channel, for those that fill no vector.
template <class T>
void pool_channel(const Window<T>& window, std::size_t channel, T* out, std::uint8_t* winners) {
  float best = to_float(window.pixels[0][channel]);
  std::int32_t place = 0;
  for (std::size_t i = 1; i < window.count; ++i) {
    const float value = to_float(window.pixels[i][channel]);
    if (!(value > best)) continue;
    best = value;
    place = window.places[i];
  }
  out[channel] = rounded_to<T>(best);
  if (winners != nullptr) winners[channel] = static_cast<std::uint8_t>(place);
}

template <class T>
void forward_row(const PoolGeometry& g, std::span<const T* const> rows, T* out,
                 std::uint8_t* winners) {
  Window<T> window;
  const std::size_t lanes = hn::Lanes(Float());
  for (std::size_t ox = 0; ox < g.out_width; ++ox) {
    find_window(g, rows, ox * g.stride, window);
    std::size_t c = 0;
    for (; c + lanes <= g.channels; c += lanes) pool_lanes(window, c, out, winners);
    for (; c < g.channels; ++c) pool_channel(window, c, out, winners);
    out += g.channels;
    if (winners != nullptr) winners += g.channels;
  }
}

// Outputs whose windows cover an input pixel, in one direction: [first, end).
struct Covering {
  std::size_t first, end;
};

HWY_INLINE Covering covering(const PoolGeometry& g, std::size_t at, std::size_t outputs) {
  const std::size_t first = at < g.kernel ? 0 : (at - g.kernel) / g.stride + 1;
  return {first, std::min(at / g.stride + 1, outputs)};
}

// The outputs that an input pixel may get its gradient from, and which place it has in their
// windows.
struct Sources {
  std::array<std::size_t, kMostTaps> outputs;  // first channel
  std::array<std::int32_t, kMostTaps> places;
  std::size_t count = 0;
};

HWY_INLINE void find_sources(const PoolGeometry& g, std::size_t y, std::size_t x,
                             Sources& sources) {
  sources.count = 0;
  const Covering rows = covering(g, y, g.out_height), columns = covering(g, x, g.out_width);
  for (std::size_t oy = rows.first; oy < rows.end; ++oy) {
    for (std::size_t ox = columns.first; ox < columns.end; ++ox) {
      sources.outputs[sources.count] = (oy * g.out_width + ox) * g.channels;
      sources.places[sources.count++] =
          static_cast<std::int32_t>((y - oy * g.stride) * g.kernel + (x - ox * g.stride));
    }
  }
}

template <class T>
HWY_INLINE Vector gather_lanes(const Sources& from, const PoolGradient<T>& gradient,
                               std::size_t channel) {
  auto sum = hn::Zero(Float());
  for (std::size_t i = 0; i < from.count; ++i) {
    const std::size_t at = from.outputs[i] + channel;
    const auto winner = hn::PromoteTo(Place(), hn::LoadU(Byte(), gradient.winners + at));
    const auto chosen = hn::Eq(winner, hn::Set(Place(), from.places[i]));
    sum = hn::Add(sum,
                  hn::IfThenElseZero(hn::RebindMask(Float(), chosen), load(gradient.values + at)));
  }
  return sum;
}

// One channel, for those that fill no vector.
template <class T>
float gather_channel(const Sources& from, const PoolGradient<T>& gradient, std::size_t channel) {
  float sum = 0.0F;
  for (std::size_t i = 0; i < from.count; ++i) {
    const std::size_t at = from.outputs[i] + channel;
    if (gradient.winners[at] == from.places[i]) sum += to_float(gradient.values[at]);
  }
  return sum;
}

template <class T>
void backward_row(const PoolGeometry& g, const T* image, const PoolGradient<T>& gradient,
                  std::size_t y, T* gradient_row) {
  const Float d;
  Sources sources;
  for (std::size_t x = 0; x < g.width; ++x) {
    find_sources(g, y, x, sources);
    T* to = gradient_row + x * g.channels;
    const T* mask = image == nullptr ? nullptr : image + (y * g.width + x) * g.channels;
    std::size_t c = 0;
    for (; c + hn::Lanes(d) <= g.channels; c += hn::Lanes(d)) {
      auto sum = gather_lanes(sources, gradient, c);
      if (mask != nullptr) {
        sum = hn::IfThenElseZero(hn::Gt(load(mask + c), hn::Zero(d)), sum);
      }
      store(sum, to + c);
    }
    for (; c < g.channels; ++c) {
      const bool open = mask == nullptr || to_float(mask[c]) > 0.0F;
      to[c] = rounded_to<T>(open ? gather_channel(sources, gradient, c) : 0.0F);
    }
  }
}

void forward_row_f32(const PoolGeometry& g, std::span<const float* const> rows, float* out,
                     std::uint8_t* winners) {
  forward_row(g, rows, out, winners);
}
void forward_row_bf16(const PoolGeometry& g, std::span<const Bf16* const> rows, Bf16* out,
                      std::uint8_t* winners) {
  forward_row(g, rows, out, winners);
}
void backward_row_f32(const PoolGeometry& g, const float* image,
                      const PoolGradient<float>& gradient, std::size_t y, float* gradient_row) {
  backward_row(g, image, gradient, y, gradient_row);
}
void backward_row_bf16(const PoolGeometry& g, const Bf16* image, const PoolGradient<Bf16>& gradient,
                       std::size_t y, Bf16* gradient_row) {
  backward_row(g, image, gradient, y, gradient_row);
}

}  // namespace
}  // namespace sluice::onednn::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sluice::onednn::kernels {
namespace {

HWY_EXPORT(forward_row_f32);
HWY_EXPORT(forward_row_bf16);
HWY_EXPORT(backward_row_f32);
HWY_EXPORT(backward_row_bf16);

}  // namespace

void max_pool_row(const PoolGeometry& geometry, std::span<const float* const> rows, float* out,
                  std::uint8_t* winners) {
  HWY_DYNAMIC_DISPATCH(forward_row_f32)(geometry, rows, out, winners);
}

void max_pool_row(const PoolGeometry& geometry, std::span<const Bf16* const> rows, Bf16* out,
                  std::uint8_t* winners) {
  HWY_DYNAMIC_DISPATCH(forward_row_bf16)(geometry, rows, out, winners);
}

void max_pool_backward_row(const PoolGeometry& geometry, const float* image,
                           const PoolGradient<float>& gradient, std::size_t y,
                           float* gradient_row) {
  HWY_DYNAMIC_DISPATCH(backward_row_f32)(geometry, image, gradient, y, gradient_row);
}

void max_pool_backward_row(const PoolGeometry& geometry, const Bf16* image,
                           const PoolGradient<Bf16>& gradient, std::size_t y, Bf16* gradient_row) {
  HWY_DYNAMIC_DISPATCH(backward_row_bf16)(geometry, image, gradient, y, gradient_row);
}

}  // namespace sluice::onednn::kernels
#endif
