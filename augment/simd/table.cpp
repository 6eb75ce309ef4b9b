// A table of 256 is sixteen tables of 16, one for each upper half of an index, and a shuffle looks
// up 16 entries. The index less its upper half k is below 16 just where that half is k; 0x70 more,
// and every other index has its highest bit set, for which the shuffle gives 0.
#include "augment/simd/table.h"

#include "augment/plain/table.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "augment/simd/table.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace sluice::augment::simd::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using Loop = PixelLoop<std::uint8_t, std::uint8_t>;

#if HWY_TARGET == HWY_SCALAR  // no shuffles

void one_table(Loop loop, const ByteTable& table) { plain::look_up(loop, table); }
void three_tables(Loop loop, const std::array<ByteTable, 3>& tables) {
  plain::look_up(loop, tables);
}

#else

using Bytes = hn::ScalableTag<std::uint8_t>;
using Vector = hn::Vec<Bytes>;
constexpr std::size_t kLanes = hn::MaxLanes(Bytes());

HWY_INLINE Vector looked_up(const ByteTable& table, Vector index) {
  const Vector high_bit = hn::Set(Bytes(), 0x70);
  Vector result = hn::Zero(Bytes());
  for (std::size_t k = 0; k < 16; ++k) {
    const Vector sixteen = hn::LoadDup128(Bytes(), table.data() + 16 * k);
    const Vector upper = hn::Set(Bytes(), static_cast<std::uint8_t>(16 * k));
    const Vector within = hn::SaturatedAdd(hn::Xor(index, upper), high_bit);
    result = hn::Or(result, hn::TableLookupBytesOr0(sixteen, within));
  }
  return result;
}

// Three vectors a step are whole pixels.
void one_table(Loop loop, const ByteTable& given) {
  const ByteTable table = given;  // a local copy cannot alias what is written
  for (; loop.pixels >= kLanes; loop.pixels -= kLanes) {
    for (std::size_t i = 0; i < 3 * kLanes; i += kLanes)
      hn::StoreU(looked_up(table, hn::LoadU(Bytes(), loop.from + i)), Bytes(), loop.to + i);
    loop.from += 3 * kLanes;
    loop.to += 3 * kLanes;
  }
  plain::look_up(loop, table);
}

void three_tables(Loop loop, const std::array<ByteTable, 3>& given) {
  const std::array<ByteTable, 3> tables = given;
  for (; loop.pixels >= kLanes; loop.pixels -= kLanes) {
    Vector red, green, blue;
    hn::LoadInterleaved3(Bytes(), loop.from, red, green, blue);
    hn::StoreInterleaved3(looked_up(tables[0], red), looked_up(tables[1], green),
                          looked_up(tables[2], blue), Bytes(), loop.to);
    loop.from += 3 * kLanes;
    loop.to += 3 * kLanes;
  }
  plain::look_up(loop, tables);
}

#endif

}  // namespace sluice::augment::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sluice::augment::simd {

HWY_EXPORT(one_table);
HWY_EXPORT(three_tables);

void look_up(const PixelLoop<std::uint8_t, std::uint8_t>& loop, const ByteTable& table) {
  HWY_DYNAMIC_DISPATCH(one_table)(loop, table);
}
void look_up(const PixelLoop<std::uint8_t, std::uint8_t>& loop,
             const std::array<ByteTable, 3>& tables) {
  HWY_DYNAMIC_DISPATCH(three_tables)(loop, tables);
}

}  // namespace sluice::augment::simd
#endif
