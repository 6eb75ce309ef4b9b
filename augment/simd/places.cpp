// Lanes are neighbouring pixels.
#include "augment/simd/places.h"

#include <algorithm>

#include "augment/plain/places.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "augment/simd/places.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace sluice::augment::simd::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET == HWY_SCALAR  // no vectors: what the compiler makes of the plain loops is faster

void project_row(const ProjectedRow& row, const PlaceRow& to) { plain::project(row, to); }
void bend_row(const RadialRow& row, const PlaceRow& to) { plain::bend(row, to); }
void displace_row(const DisplacedRow& row, const PlaceRow& to) { plain::displace(row, to); }
void sum_row(const WeightedSums& sums) { plain::weighted_sums(sums); }

#else

using Doubles = hn::CappedTag<double, kPlaceStep>;
using Double = hn::Vec<Doubles>;
using Whole = hn::Rebind<std::int32_t, Doubles>;
using Singles = hn::Rebind<float, Doubles>;
using Values = hn::ScalableTag<float>;

HWY_INLINE Double all(double value) { return hn::Set(Doubles(), value); }

HWY_INLINE void store_fixed(Double position, std::int32_t* to) {
  const Double scaled = hn::Add(hn::Mul(position, all(kPositionOne)), all(kNudge));
  const Double above = hn::IfThenElse(hn::Gt(scaled, all(-kFarthest)), scaled, all(-kFarthest));
  const Double near = hn::Min(above, all(kFarthest));
  hn::StoreU(hn::DemoteTo(Whole(), hn::Floor(near)), Whole(), to);
}

// Middles of the columns from `first` on.
HWY_INLINE Double middles(int first) {
  return hn::Add(hn::Iota(Doubles(), static_cast<double>(first)), all(0.5));
}

void project_row(const ProjectedRow& row, const PlaceRow& to) {
  for (int k = 0; k < to.count; k += static_cast<int>(hn::MaxLanes(Doubles()))) {
    const Double t = middles(to.first + k);
    const Double share = hn::Div(all(1), hn::Add(hn::Mul(all(row.g), t), all(row.under)));
    const Double x = hn::Add(hn::Mul(all(row.a), t), all(row.row_x));
    const Double y = hn::Add(hn::Mul(all(row.d), t), all(row.row_y));
    store_fixed(hn::Mul(x, share), to.x + k);
    store_fixed(hn::Mul(y, share), to.y + k);
  }
}

void bend_row(const RadialRow& row, const PlaceRow& to) {
  for (int k = 0; k < to.count; k += static_cast<int>(hn::MaxLanes(Doubles()))) {
    const Double t = hn::Sub(middles(to.first + k), all(row.centre_x));
    const Double s = hn::Mul(hn::Add(hn::Mul(t, t), all(row.row_square)), all(row.unit));
    const Double inner = hn::Add(all(row.k1), hn::Mul(s, all(row.k2)));
    const Double f = hn::Add(all(1), hn::Mul(s, inner));
    store_fixed(hn::Add(all(row.centre_x), hn::Mul(t, f)), to.x + k);
    store_fixed(hn::Add(all(row.centre_y), hn::Mul(all(row.down), f)), to.y + k);
  }
}

HWY_INLINE Double displaced(const float* field, double strength) {
  return hn::Mul(all(strength), hn::PromoteTo(Doubles(), hn::LoadU(Singles(), field)));
}

void displace_row(const DisplacedRow& row, const PlaceRow& to) {
  for (int k = 0; k < to.count; k += static_cast<int>(hn::MaxLanes(Doubles()))) {
    const Double across = displaced(row.across + k, row.strength);
    store_fixed(hn::Add(middles(to.first + k), across), to.x + k);
    store_fixed(hn::Add(all(row.row + 0.5), displaced(row.down + k, row.strength)), to.y + k);
  }
}

template <std::size_t kParts>
HWY_INLINE void sum_part(const WeightedSums& sums, std::size_t begin) {
  constexpr std::size_t kLanes = hn::MaxLanes(Values());
  hn::Vec<Values> parts[kParts];
  for (auto& part : parts) part = hn::Zero(Values());
  const float* from = sums.from + begin;
  for (const float weight : sums.weights) {
    const auto factor = hn::Set(Values(), weight);
    for (std::size_t p = 0; p < kParts; ++p)
      parts[p] = hn::Add(parts[p], hn::Mul(factor, hn::LoadU(Values(), from + p * kLanes)));
    from += sums.step;
  }
  for (std::size_t p = 0; p < kParts; ++p)
    hn::StoreU(parts[p], Values(), sums.to + begin + p * kLanes);
}

// In steps of four vectors, then of one; the last step overlaps the one before it.
void sum_row(const WeightedSums& sums) {
  constexpr std::size_t kLanes = hn::MaxLanes(Values());
  if (sums.count < kLanes) return plain::weighted_sums(sums);
  std::size_t at = 0;
  for (; at + 4 * kLanes <= sums.count; at += 4 * kLanes) sum_part<4>(sums, at);
  for (; at < sums.count; at += kLanes) sum_part<1>(sums, std::min(at, sums.count - kLanes));
}

#endif

}  // namespace sluice::augment::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sluice::augment::simd {

HWY_EXPORT(project_row);
HWY_EXPORT(bend_row);
HWY_EXPORT(displace_row);
HWY_EXPORT(sum_row);

void project(const ProjectedRow& row, const PlaceRow& to) {
  HWY_DYNAMIC_DISPATCH(project_row)(row, to);
}
void bend(const RadialRow& row, const PlaceRow& to) { HWY_DYNAMIC_DISPATCH(bend_row)(row, to); }
void displace(const DisplacedRow& row, const PlaceRow& to) {
  HWY_DYNAMIC_DISPATCH(displace_row)(row, to);
}
void weighted_sums(const WeightedSums& sums) { HWY_DYNAMIC_DISPATCH(sum_row)(sums); }

}  // namespace sluice::augment::simd
#endif
