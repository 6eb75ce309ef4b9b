// Tables of 256 bytes for vectors of indices. Compiled once for each instruction set by the files
// that include it (Highway's -inl.h custom).
#include <cstddef>
#include <cstdint>

#include "augment/byte_table.h"
#include "augment/pixel_loop.h"

#if defined(SLUICE_AUGMENT_SIMD_TABLE_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef SLUICE_AUGMENT_SIMD_TABLE_INL_H
#undef SLUICE_AUGMENT_SIMD_TABLE_INL_H
#else
#define SLUICE_AUGMENT_SIMD_TABLE_INL_H
#endif

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace sluice::augment::simd::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET != HWY_SCALAR

using TableBytes = hn::ScalableTag<std::uint8_t>;
using TableVector = hn::Vec<TableBytes>;
inline constexpr std::size_t kTableLanes = hn::MaxLanes(TableBytes());

#if HWY_TARGET == HWY_AVX3_DL

// Two halves of two vectors each: a shuffle looks up in 128 bytes, by the lower seven bits of an
// index, and the highest bit tells which half it is.
class VectorTable {
 public:
  explicit VectorTable(const ByteTable& table) {
    for (std::size_t k = 0; k < 4; ++k) parts_[k] = hn::LoadU(TableBytes(), table.data() + 64 * k);
  }
  HWY_INLINE TableVector operator()(TableVector index) const {
    return hn::IfThenElse(hn::MaskFromVec(index), in_half(2, index), in_half(0, index));
  }

 private:
  HWY_INLINE TableVector in_half(std::size_t first, TableVector index) const {
    return TableVector{
        _mm512_permutex2var_epi8(parts_[first].raw, index.raw, parts_[first + 1].raw)};
  }

  TableVector parts_[4];
};

#else

// Sixteen tables of 16, one for each upper half of an index, and a shuffle looks up 16 entries. The
// index less its upper half k is below 16 just where that half is k; 0x70 more, and every other
// index has its highest bit set, for which the shuffle gives 0.
class VectorTable {
 public:
  explicit VectorTable(const ByteTable& table) : table_(table) {}
  HWY_INLINE TableVector operator()(TableVector index) const {
    const TableVector high_bit = hn::Set(TableBytes(), 0x70);
    TableVector result = hn::Zero(TableBytes());
    for (std::size_t k = 0; k < 16; ++k) {
      const TableVector sixteen = hn::LoadDup128(TableBytes(), table_.data() + 16 * k);
      const TableVector upper = hn::Set(TableBytes(), static_cast<std::uint8_t>(16 * k));
      const TableVector within = hn::SaturatedAdd(hn::Xor(index, upper), high_bit);
      result = hn::Or(result, hn::TableLookupBytesOr0(sixteen, within));
    }
    return result;
  }

 private:
  ByteTable table_;  // a copy, which cannot alias what is written
};

#endif

// Looks up all whole steps of three vectors; gives the loop over the rest.
HWY_INLINE PixelLoop<std::uint8_t, std::uint8_t> each_looked_up(
    PixelLoop<std::uint8_t, std::uint8_t> loop, const VectorTable& table) {
  for (; loop.pixels >= kTableLanes; loop.pixels -= kTableLanes) {
    for (std::size_t i = 0; i < 3 * kTableLanes; i += kTableLanes)
      hn::StoreU(table(hn::LoadU(TableBytes(), loop.from + i)), TableBytes(), loop.to + i);
    loop.from += 3 * kTableLanes;
    loop.to += 3 * kTableLanes;
  }
  return loop;
}

#endif

}  // namespace sluice::augment::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
