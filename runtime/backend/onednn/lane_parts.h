// A run of values as whole vectors and a last part; Highway's functions. As element_lanes.h.
#if defined(SLUICE_LANE_PARTS) == defined(HWY_TARGET_TOGGLE)
#ifdef SLUICE_LANE_PARTS
#undef SLUICE_LANE_PARTS
#else
#define SLUICE_LANE_PARTS
#endif

#include <hwy/contrib/math/math-inl.h>

#include <algorithm>
#include <array>
#include <cstddef>

#include "runtime/backend/onednn/element_lanes.h"

HWY_BEFORE_NAMESPACE();
namespace sluice::onednn::kernels::HWY_NAMESPACE {

constexpr std::size_t kMostPartLanes = 64;  // floats of the widest vectors

// A whole vector, or the last few of its lanes: the others are 0 and not stored. (Masked loads and
// stores before AVX2 touch what stands beside.)
struct WholePart {
  template <class T>
  HWY_INLINE Vector load(const T* from) const {
    return HWY_NAMESPACE::load(from);
  }
  template <class T>
  HWY_INLINE void store(Vector values, T* to) const {
    HWY_NAMESPACE::store(values, to);
  }
};
struct LastPart {
  std::size_t left;

  template <class T>
  HWY_INLINE Vector load(const T* from) const {
    HWY_ALIGN std::array<T, kMostPartLanes> lanes{};
    std::copy_n(from, left, lanes.data());
    return HWY_NAMESPACE::load(lanes.data());
  }
  template <class T>
  HWY_INLINE void store(Vector values, T* to) const {
    HWY_ALIGN std::array<T, kMostPartLanes> lanes;
    HWY_NAMESPACE::store(values, lanes.data());
    std::copy_n(lanes.data(), left, to);
  }
};

// step(part, i): the part that begins at value i of `count`.
template <class Step>
HWY_INLINE void for_each_part(std::size_t count, const Step& step) {
  const std::size_t lanes = hn::Lanes(Float()), whole = count - count % lanes;
  for (std::size_t i = 0; i < whole; i += lanes) step(WholePart{}, i);
  if (whole < count) step(LastPart{count - whole}, whole);
}

}  // namespace sluice::onednn::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
