// One table: table-inl.h. Three: the channels apart, or, where a lookup takes less than that, all
// three lookups of every byte, of which one is kept.
#include "augment/simd/table.h"

#include "augment/plain/table.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "augment/simd/table.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "augment/simd/table-inl.h"

HWY_BEFORE_NAMESPACE();
namespace sluice::augment::simd::HWY_NAMESPACE {

using Loop = PixelLoop<std::uint8_t, std::uint8_t>;

#if HWY_TARGET == HWY_SCALAR  // no shuffles

void one_table(Loop loop, const ByteTable& table) { plain::look_up(loop, table); }
void three_tables(Loop loop, const std::array<ByteTable, 3>& tables) {
  plain::look_up(loop, tables);
}

#else

void one_table(Loop loop, const ByteTable& table) {
  plain::look_up(each_looked_up(loop, VectorTable(table)), table);
}

#if HWY_TARGET == HWY_AVX3_DL

// Where the bytes of channel `channel` are in vector `place` of three.
HWY_INLINE hn::Mask<TableBytes> bytes_of(std::size_t channel, std::size_t place) {
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < kTableLanes; ++i)
    if ((place * kTableLanes + i) % kChannels == channel) bits |= std::uint64_t{1} << i;
  return hn::Mask<TableBytes>{bits};
}

void three_tables(Loop loop, const std::array<ByteTable, 3>& tables) {
  const VectorTable red(tables[0]), green(tables[1]), blue(tables[2]);
  hn::Mask<TableBytes> greens[3], blues[3];
  for (std::size_t p = 0; p < 3; ++p) greens[p] = bytes_of(1, p), blues[p] = bytes_of(2, p);
  for (; loop.pixels >= kTableLanes; loop.pixels -= kTableLanes) {
    for (std::size_t p = 0; p < 3; ++p) {
      const TableVector index = hn::LoadU(TableBytes(), loop.from + p * kTableLanes);
      const TableVector two = hn::IfThenElse(greens[p], green(index), red(index));
      hn::StoreU(hn::IfThenElse(blues[p], blue(index), two), TableBytes(),
                 loop.to + p * kTableLanes);
    }
    loop.from += 3 * kTableLanes;
    loop.to += 3 * kTableLanes;
  }
  plain::look_up(loop, tables);
}

#else

void three_tables(Loop loop, const std::array<ByteTable, 3>& tables) {
  const VectorTable in_red(tables[0]), in_green(tables[1]), in_blue(tables[2]);
  for (; loop.pixels >= kTableLanes; loop.pixels -= kTableLanes) {
    TableVector red, green, blue;
    hn::LoadInterleaved3(TableBytes(), loop.from, red, green, blue);
    hn::StoreInterleaved3(in_red(red), in_green(green), in_blue(blue), TableBytes(), loop.to);
    loop.from += 3 * kTableLanes;
    loop.to += 3 * kTableLanes;
  }
  plain::look_up(loop, tables);
}

#endif

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
