// Vectors of floats from arrays of either element and back. For kernels that Highway compiles once
// for each instruction set: they include this behind highway.h, once each time.
#if defined(SLUICE_ELEMENT_LANES) == defined(HWY_TARGET_TOGGLE)
#ifdef SLUICE_ELEMENT_LANES
#undef SLUICE_ELEMENT_LANES
#else
#define SLUICE_ELEMENT_LANES
#endif

#include <hwy/highway.h>

#include "runtime/backend/onednn/element.h"

HWY_BEFORE_NAMESPACE();
namespace sluice::onednn::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using Float = hn::ScalableTag<float>;
using Vector = hn::Vec<Float>;

HWY_INLINE Vector load(const float* from) { return hn::LoadU(Float(), from); }

HWY_INLINE Vector load(const Bf16* from) {
  const hn::RebindToUnsigned<Float> word;
  const hn::Rebind<std::uint16_t, Float> half;
  const auto upper = hn::PromoteTo(word, hn::LoadU(half, &from->bits));
  return hn::BitCast(Float(), hn::ShiftLeft<16>(upper));
}

HWY_INLINE void store(Vector values, float* to) { hn::StoreU(values, Float(), to); }

// As rounded_to.
HWY_INLINE void store(Vector values, Bf16* to) {
  const hn::RebindToUnsigned<Float> word;
  const hn::Rebind<std::uint16_t, Float> half;
  const auto bits = hn::BitCast(word, values);
  const auto upper = hn::ShiftRight<16>(bits);
  const auto odd = hn::And(upper, hn::Set(word, 1U));
  const auto nearest = hn::ShiftRight<16>(hn::Add(bits, hn::Add(odd, hn::Set(word, 0x7FFFU))));
  const auto quiet = hn::Or(upper, hn::Set(word, 0x40U));
  const auto not_number = hn::RebindMask(word, hn::IsNaN(values));
  hn::StoreU(hn::TruncateTo(half, hn::IfThenElse(not_number, quiet, nearest)), half, &to->bits);
}

}  // namespace sluice::onednn::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
