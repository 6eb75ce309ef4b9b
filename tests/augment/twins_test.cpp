// Every fast kernel has the bits of its plain twin, whatever the CPU offers (law 7).
#include <algorithm>
#include <cstring>
#include <span>
#include <type_traits>

#include "augment/plain/antialias.h"
#include "augment/plain/channels.h"
#include "augment/plain/mirror.h"
#include "augment/plain/values.h"
#include "augment/simd/antialias.h"
#include "augment/simd/channels.h"
#include "augment/simd/mirror.h"
#include "augment/simd/values.h"
#include "tests/augment/images.h"
#include "tests/support/catch.h"
#include "tests/support/every_target.h"

using namespace sluice;
using namespace sluice::augment;
using sluice::test::noise;
using sluice::test::Scratch;

namespace {

// Exactly as many values as asked for, so that AddressSanitizer sees one beyond.
template <class T>
class Exact {
 public:
  explicit Exact(std::size_t count) : scratch_(count * sizeof(T)) {}
  std::span<std::byte> bytes() const { return scratch_.bytes(); }
  T* data() const { return reinterpret_cast<T*>(scratch_.bytes().data()); }

 private:
  Scratch scratch_;
};

template <class T>
struct Noise : Exact<T> {
  explicit Noise(std::size_t count) : Exact<T>(count) {
    const auto type = std::is_same_v<T, float> ? PixelType::f32 : PixelType::u8;
    const Image image = noise({static_cast<int>(count / 3 + 1), 1}, type);
    std::memcpy(this->data(), image.view().data, count * sizeof(T));
  }
};

template <class T>
bool same_bits(const Exact<T>& a, const Exact<T>& b) {
  return std::ranges::equal(a.bytes(), b.bytes());
}

template <class T>
Taps<WeightOf<T>> taps_in(const TapAxis& axis, const Scratch& scratch) {
  if constexpr (std::is_same_v<T, float>)
    return float_taps(axis, scratch.bytes());
  else
    return fixed_taps(axis, scratch.bytes());
}

// `rows` rows of axis.in pixels through both twins.
template <class T>
bool same_horizontal(const TapAxis& axis, int rows) {
  const auto type = std::is_same_v<T, float> ? PixelType::f32 : PixelType::u8;
  const Scratch weights(taps_bytes(axis));
  const Scratch scratch(simd::horizontal_scratch_bytes(axis.in, type));
  const Noise<T> from(static_cast<std::size_t>(axis.in * rows) * 3);
  const Exact<T> plain(static_cast<std::size_t>((axis.end - axis.first) * rows) * 3);
  const Exact<T> fast(static_cast<std::size_t>((axis.end - axis.first) * rows) * 3);
  HorizontalPass<T> pass{from.data(),  axis.in,        rows, taps_in<T>(axis, weights),
                         plain.data(), scratch.bytes()};
  plain::horizontal(pass);
  pass.to = fast.data();
  simd::horizontal(pass);
  return same_bits(plain, fast);
}

// A column of axis.in rows of `width` pixels, of which those the taps need are there.
template <class T>
bool same_vertical(const TapAxis& axis, int width) {
  const auto length = static_cast<std::size_t>(width) * 3;
  const Scratch weights(taps_bytes(axis));
  const auto taps = taps_in<T>(axis, weights);
  const int first = taps.ranges.front().first;
  const int end = taps.ranges.back().first + taps.ranges.back().count;
  const Noise<T> from(static_cast<std::size_t>(end - first) * length);
  const Exact<T> plain(static_cast<std::size_t>(axis.end - axis.first) * length);
  const Exact<T> fast(static_cast<std::size_t>(axis.end - axis.first) * length);
  VerticalPass<T> pass{from.data(), first, length, taps, plain.data()};
  plain::vertical(pass);
  pass.to = fast.data();
  simd::vertical(pass);
  return same_bits(plain, fast);
}

// Both passes of both types over an axis, with `across` rows or columns beside it.
void check_axis(const TapAxis& axis, int across) {
  test::on_every_target([&](const char* target) {
    CAPTURE(target, axis.in, axis.out, axis.first, axis.end, across);
    CHECK(same_horizontal<std::uint8_t>(axis, across));
    CHECK(same_horizontal<float>(axis, across));
    CHECK(same_vertical<std::uint8_t>(axis, across));
    CHECK(same_vertical<float>(axis, across));
  });
}

template <class T>
bool same_combination(ChannelOperation operation, std::size_t pixels) {
  const Noise<T> from(pixels * 3);
  const Exact<float> plain(pixels * 3);
  const Exact<float> fast(pixels * 3);
  ChannelLoop<T> loop{from.data(), operation, {1.7F, -33.3F, 104.91F}, pixels, plain.data()};
  plain::combine(loop);
  loop.to = fast.data();
  simd::combine(loop);
  return same_bits(plain, fast);
}

template <class T>
bool same_difference(std::size_t count) {
  const Noise<T> from(count);
  const Noise<float> less(count);
  const Exact<float> plain(count);
  const Exact<float> fast(count);
  plain::subtract({from.data(), count}, less.data(), plain.data());
  simd::subtract({from.data(), count}, less.data(), fast.data());
  return same_bits(plain, fast);
}

bool same_floats(std::size_t count) {
  const Noise<std::uint8_t> from(count);
  const Exact<float> plain(count);
  const Exact<float> fast(count);
  plain::to_float({from.data(), count}, plain.data());
  simd::to_float({from.data(), count}, fast.data());
  return same_bits(plain, fast);
}

template <class T>
bool same_mirror(Extent extent) {
  const auto type = std::is_same_v<T, float> ? PixelType::f32 : PixelType::u8;
  const auto row = static_cast<std::ptrdiff_t>(extent.width) * 3;
  const Noise<T> from(static_cast<std::size_t>(extent.pixels()) * 3);
  const Exact<T> plain(static_cast<std::size_t>(extent.pixels()) * 3);
  const Exact<T> fast(static_cast<std::size_t>(extent.pixels()) * 3);
  for (int y = 0; y < extent.height; ++y)
    plain::mirror_row(from.data() + y * row, extent.width, plain.data() + y * row);
  simd::mirror({from.bytes().data(), extent, type}, {fast.bytes().data(), extent, type});
  return same_bits(plain, fast);
}

}  // namespace

TEST_CASE("the fast resize passes have the bits of the plain ones", "[augment][twins]") {
  const auto [in, out] = GENERATE(table<int, int>({{1, 1},
                                                   {1, 9},
                                                   {2, 1},
                                                   {3, 2},
                                                   {5, 4},
                                                   {5, 6},
                                                   {6, 33},
                                                   {11, 10},
                                                   {16, 15},
                                                   {17, 16},
                                                   {33, 17},
                                                   {47, 100},
                                                   {100, 47},
                                                   {255, 31},
                                                   {500, 341},
                                                   {1000, 7}}));
  const int across = GENERATE(1, 2, 4, 5, 11, 15, 16, 17, 21, 22, 33, 65);
  check_axis(whole_axis(in, out), across);
}

TEST_CASE("the fast resize passes take any range of outputs", "[augment][twins]") {
  const auto [first, end] =
      GENERATE(table<int, int>({{0, 1}, {0, 16}, {17, 34}, {90, 91}, {3, 91}, {60, 77}}));
  const int in = GENERATE(30, 91, 200, 900);
  check_axis({.in = in, .out = 91, .first = first, .end = end}, 19);
}

TEST_CASE("a thousand rows of one pixel, and one row of a thousand, have the plain bits",
          "[augment][twins]") {
  check_axis(whole_axis(1, 256), 1000);
  check_axis(whole_axis(1000, 256), 1);
  check_axis(whole_axis(300, 1000), 3);
}

TEST_CASE("a range of outputs has the taps of the whole axis", "[augment][rescale]") {
  const TapAxis part{.in = 500, .out = 341, .first = 57, .end = 281};
  const Scratch of_part(taps_bytes(part));
  const Scratch of_whole(taps_bytes(whole_axis(500, 341)));
  const auto taps = fixed_taps(part, of_part.bytes());
  const auto whole = fixed_taps(whole_axis(500, 341), of_whole.bytes());
  REQUIRE(taps.ranges.size() == 224);
  for (std::size_t x = 0; x < taps.ranges.size(); ++x) {
    REQUIRE(taps.ranges[x].first == whole.ranges[x + 57].first);
    REQUIRE(taps.ranges[x].count == whole.ranges[x + 57].count);
    REQUIRE(std::equal(taps.of(x), taps.of(x) + taps.ranges[x].count, whole.of(x + 57)));
  }
}

TEST_CASE("the fast colour loops have the bits of the plain ones", "[augment][twins]") {
  const auto operation =
      GENERATE(ChannelOperation::add, ChannelOperation::subtract, ChannelOperation::divide);
  test::on_every_target([&](const char* target) {
    for (std::size_t pixels = 0; pixels < 70; ++pixels) {
      CAPTURE(target, pixels);
      CHECK(same_combination<std::uint8_t>(operation, pixels));
      CHECK(same_combination<float>(operation, pixels));
    }
  });
}

TEST_CASE("the fast loops over values have the bits of the plain ones", "[augment][twins]") {
  test::on_every_target([&](const char* target) {
    for (std::size_t count = 0; count < 70; ++count) {
      CAPTURE(target, count);
      CHECK(same_difference<std::uint8_t>(count));
      CHECK(same_difference<float>(count));
      CHECK(same_floats(count));
    }
  });
}

TEST_CASE("the fast mirror has the bits of the plain one", "[augment][twins]") {
  const int height = GENERATE(0, 1, 2, 5);
  test::on_every_target([&](const char* target) {
    for (int width = 0; width < 40; ++width) {
      CAPTURE(target, width, height);
      CHECK(same_mirror<std::uint8_t>({width, height}));
      CHECK(same_mirror<float>({width, height}));
    }
  });
}
