// Lanes are neighbouring values of a row. The last step overlaps the one before it.
#include "augment/simd/neighbours.h"

#include <algorithm>

#include "augment/plain/neighbours.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "augment/simd/neighbours.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace sluice::augment::simd::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET == HWY_SCALAR  // no vectors: what the compiler makes of the plain loops is faster

template <class T>
void sharpen_any(const SharpenRow<T>& row) {
  plain::sharpen(row);
}
template <class Loop>
void blur_any(const Loop& loop) {
  plain::blur(loop);
}

#else

using Values = hn::ScalableTag<float>;
using Value = hn::Vec<Values>;
constexpr std::size_t kLanes = hn::MaxLanes(Values());
// Vectors of a blur that are summed side by side: their additions need not wait for one another.
constexpr std::size_t kBeside = 4;

HWY_INLINE Value load(const float* from) { return hn::LoadU(Values(), from); }
HWY_INLINE Value load(const std::uint8_t* from) {
  const hn::Rebind<std::int32_t, Values> whole;
  const hn::Rebind<std::uint8_t, Values> bytes;
  return hn::ConvertTo(Values(), hn::PromoteTo(whole, hn::LoadU(bytes, from)));
}
HWY_INLINE void store(Value value, float* to) { hn::StoreU(value, Values(), to); }
HWY_INLINE void store(Value value, std::uint8_t* to) {
  const hn::Rebind<std::uint8_t, Values> bytes;
  hn::StoreU(hn::DemoteTo(bytes, hn::NearestInt(value)), bytes, to);
}

// Calls body(first value) for steps that cover `values` >= step values.
template <class Body>
HWY_INLINE void each_step(std::size_t values, std::size_t step, const Body& body) {
  for (std::size_t i = 0; i < values; i += step) body(std::min(i, values - step));
}

HWY_INLINE Value nine(const SharpenRow<float>& row, std::size_t i) {
  const auto three = [&](const float* values) {
    return hn::Add(hn::Add(load(values + i - 3), load(values + i)), load(values + i + 3));
  };
  const Value beside = hn::Add(load(row.row + i - 3), load(row.row + i + 3));
  const Value around = hn::Add(hn::Add(three(row.above), three(row.below)), beside);
  return hn::Add(around, hn::Mul(hn::Set(Values(), 5), load(row.row + i)));
}

// Whole numbers need not be summed in the plain twin's order.
HWY_INLINE Value nine(const SharpenRow<std::uint8_t>& row, std::size_t i) {
  const hn::Rebind<std::uint16_t, Values> words;
  const hn::Rebind<std::uint8_t, Values> bytes;
  const auto at = [&](const std::uint8_t* from) {
    return hn::PromoteTo(words, hn::LoadU(bytes, from + i));
  };
  const auto three = [&](const std::uint8_t* values) {
    return hn::Add(hn::Add(at(values - 3), at(values)), at(values + 3));
  };
  const auto middle = at(row.row);
  const auto sum = hn::Add(hn::Add(three(row.above), three(row.below)),
                           hn::Add(three(row.row), hn::ShiftLeft<2>(middle)));
  return hn::ConvertTo(Values(), hn::PromoteTo(hn::Rebind<std::int32_t, Values>(), sum));
}

template <class T>
void sharpen_any(const SharpenRow<T>& row) {
  if (row.values < kLanes) return plain::sharpen(row);
  const Value factor = hn::Set(Values(), row.factor);
  const Value weight = hn::Set(Values(), row.weight);
  each_step(row.values, kLanes, [&](std::size_t i) {
    const Value middle = hn::Mul(factor, load(row.row + i));
    store(hn::Add(middle, hn::Mul(weight, nine(row, i))), row.to + i);
  });
}

// at(k, i): kLanes values from the i-th on, k rows or pixels away.
template <std::size_t kVectors, class Loop, class At>
HWY_INLINE void blur_step(const Loop& loop, std::size_t first, const At& at) {
  Value sums[kVectors];
  const Value centre = hn::Set(Values(), loop.weights[0]);
  for (std::size_t v = 0; v < kVectors; ++v) sums[v] = hn::Mul(centre, at(0, first + v * kLanes));
  for (int k = 1; k <= loop.radius; ++k) {
    const Value weight = hn::Set(Values(), loop.weights[k]);
    for (std::size_t v = 0; v < kVectors; ++v) {
      const std::size_t i = first + v * kLanes;
      sums[v] = hn::Add(sums[v], hn::Mul(weight, hn::Add(at(-k, i), at(k, i))));
    }
  }
  for (std::size_t v = 0; v < kVectors; ++v) store(sums[v], loop.to + first + v * kLanes);
}

template <class Loop, class At>
HWY_INLINE void blur_each(const Loop& loop, const At& at) {
  if (loop.values < kLanes) return plain::blur(loop);
  if (loop.values >= kBeside * kLanes)
    return each_step(loop.values, kBeside * kLanes,
                     [&](std::size_t i) { blur_step<kBeside>(loop, i, at); });
  each_step(loop.values, kLanes, [&](std::size_t i) { blur_step<1>(loop, i, at); });
}

template <class T>
void blur_any(const BlurColumns<T>& columns) {
  const T* const* middle = columns.rows + columns.radius;
  blur_each(columns, [&](int k, std::size_t i) { return load(middle[k] + i); });
}
template <class T>
void blur_any(const BlurRow<T>& row) {
  blur_each(row, [&](std::ptrdiff_t k, std::size_t i) { return load(row.from + i + 3 * k); });
}

#endif

void sharpen_bytes(const SharpenRow<std::uint8_t>& row) { sharpen_any(row); }
void sharpen_floats(const SharpenRow<float>& row) { sharpen_any(row); }
void columns_of_bytes(const BlurColumns<std::uint8_t>& columns) { blur_any(columns); }
void columns_of_floats(const BlurColumns<float>& columns) { blur_any(columns); }
void row_to_bytes(const BlurRow<std::uint8_t>& row) { blur_any(row); }
void row_to_floats(const BlurRow<float>& row) { blur_any(row); }

}  // namespace sluice::augment::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sluice::augment::simd {

HWY_EXPORT(sharpen_bytes);
HWY_EXPORT(sharpen_floats);
HWY_EXPORT(columns_of_bytes);
HWY_EXPORT(columns_of_floats);
HWY_EXPORT(row_to_bytes);
HWY_EXPORT(row_to_floats);

void sharpen(const SharpenRow<std::uint8_t>& row) { HWY_DYNAMIC_DISPATCH(sharpen_bytes)(row); }
void sharpen(const SharpenRow<float>& row) { HWY_DYNAMIC_DISPATCH(sharpen_floats)(row); }
void blur(const BlurColumns<std::uint8_t>& columns) {
  HWY_DYNAMIC_DISPATCH(columns_of_bytes)(columns);
}
void blur(const BlurColumns<float>& columns) { HWY_DYNAMIC_DISPATCH(columns_of_floats)(columns); }
void blur(const BlurRow<std::uint8_t>& row) { HWY_DYNAMIC_DISPATCH(row_to_bytes)(row); }
void blur(const BlurRow<float>& row) { HWY_DYNAMIC_DISPATCH(row_to_floats)(row); }

}  // namespace sluice::augment::simd
#endif
