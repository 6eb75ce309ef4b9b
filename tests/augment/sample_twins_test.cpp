// The fast sampling has the bits of the plain one, whatever the CPU offers (law 7).
#include <algorithm>
#include <cstring>
#include <span>
#include <type_traits>
#include <vector>

#include "augment/bilinear.h"
#include "augment/plain/displacements.h"
#include "augment/plain/places.h"
#include "augment/plain/resize.h"
#include "augment/plain/sample.h"
#include "augment/simd/displacements.h"
#include "augment/simd/places.h"
#include "augment/simd/resize.h"
#include "augment/simd/sample.h"
#include "tests/augment/images.h"
#include "tests/support/catch.h"
#include "tests/support/every_target.h"

using namespace sluice;
using namespace sluice::augment;

namespace {

// Positions all over an image and around it, also at its edges and far away.
std::vector<std::int32_t> positions(int length, std::size_t count, std::uint32_t seed) {
  Random random({.seed = seed});
  std::vector<std::int32_t> result;
  const std::int64_t end = std::int64_t{length} << kPositionBits;
  for (std::size_t i = 0; i < count; ++i) {
    const auto anywhere =
        static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(end + 4 * kPositionOne)));
    std::int64_t position = anywhere - 2 * kPositionOne;
    if (i % 17 == 3) position = end - 1;
    if (i % 17 == 9) position = 0;
    if (i % 23 == 5) position = -2147460000;
    if (i % 23 == 6) position = 2147460000;
    result.push_back(static_cast<std::int32_t>(position));
  }
  return result;
}

// Runs of neighbours, as warps ask for them.
std::vector<std::int32_t> run(int first, int step, std::size_t count) {
  std::vector<std::int32_t> result;
  for (std::size_t i = 0; i < count; ++i)
    result.push_back(first + step * static_cast<std::int32_t>(i));
  return result;
}

template <class T>
bool same_bytes(const std::vector<T>& a, const std::vector<T>& b) {
  return std::ranges::equal(std::as_bytes(std::span(a)), std::as_bytes(std::span(b)));
}

template <class T>
void check_same(Extent extent, const std::vector<std::int32_t>& x,
                const std::vector<std::int32_t>& y) {
  const Image image =
      test::noise(extent, std::is_same_v<T, float> ? PixelType::f32 : PixelType::u8);
  const std::size_t bytes = image_bytes(extent, image.type());
  const test::Scratch pixels(bytes);  // not a byte behind the last one
  std::memcpy(pixels.bytes().data(), image.view().data, bytes);
  std::vector<T> plain(x.size() * 3, T{1}), fast(x.size() * 3, T{2});
  SampleRow<T> row{.from = reinterpret_cast<const T*>(pixels.bytes().data()),
                   .box = whole(extent),
                   .whole = extent,
                   .x = x.data(),
                   .y = y.data(),
                   .count = static_cast<int>(x.size()),
                   .fill = {T{9}, T{8}, T{7}},
                   .to = plain.data()};
  plain::sample_bilinear(row);
  row.to = fast.data();
  simd::sample_bilinear(row);
  CHECK(same_bytes(plain, fast));
  simd::sample_nearest(row);
  row.to = plain.data();
  plain::sample_nearest(row);
  CHECK(same_bytes(plain, fast));
}

}  // namespace

TEST_CASE("the fast sampling has the bits of the plain one", "[augment][twins]") {
  const Extent extent =
      GENERATE(Extent{1, 1}, Extent{2, 2}, Extent{3, 2}, Extent{3, 1}, Extent{1, 40}, Extent{2, 9},
               Extent{4, 4}, Extent{31, 17}, Extent{300, 5});
  test::on_every_target([&](const char* target) {
    for (const std::size_t count : {0U, 1U, 2U, 3U, 7U, 256U}) {
      CAPTURE(target, extent.width, extent.height, count);
      const auto x = positions(extent.width, count, 1), y = positions(extent.height, count, 2);
      check_same<std::uint8_t>(extent, x, y);
      check_same<float>(extent, x, y);
    }
  });
}

TEST_CASE("the fast sampling of a slanted line has the bits of the plain one", "[augment][twins]") {
  const int step = GENERATE(32768, 30011, 65536, -20000, 1);
  test::on_every_target([&](const char* target) {
    CAPTURE(target, step);
    const auto x = run(step < 0 ? 90 << kPositionBits : 16384, step, 201);
    const auto y = run(7 << kPositionBits, 1711, 201);
    check_same<std::uint8_t>({100, 20}, x, y);
    check_same<float>({100, 20}, x, y);
  });
}

TEST_CASE("black, white and steps between them come through bilinear sampling unharmed",
          "[augment][twins]") {
  Image image(Extent{6, 4}, PixelType::u8);
  for (int y = 0; y < 4; ++y)
    for (int i = 0; i < 18; ++i)
      image.view().u8(y)[i] = static_cast<std::uint8_t>((i / 3 + y) % 2 == 0 ? 255 : 0);
  const auto x = run(0, 777, 250), y = run(16384, 300, 250);
  std::vector<std::uint8_t> to(750);
  simd::sample_bilinear(SampleRow<std::uint8_t>{.from = image.view().u8(0),
                                                .box = whole({6, 4}),
                                                .whole = {6, 4},
                                                .x = x.data(),
                                                .y = y.data(),
                                                .count = 250,
                                                .to = to.data()});
  for (std::size_t k = 0; k < 250; ++k) {
    const double at_x = x[k] / 32768.0 - 0.5, at_y = y[k] / 32768.0 - 0.5;
    const auto value = [&](int i, int j) {
      return (std::clamp(i, 0, 5) + std::clamp(j, 0, 3)) % 2 == 0 ? 255.0 : 0.0;
    };
    const int i = static_cast<int>(std::floor(at_x)), j = static_cast<int>(std::floor(at_y));
    const double u = at_x - i, v = at_y - j;
    const double expected = (value(i, j) * (1 - u) + value(i + 1, j) * u) * (1 - v) +
                            (value(i, j + 1) * (1 - u) + value(i + 1, j + 1) * u) * v;
    REQUIRE(std::abs(expected - to[k * 3]) <= 0.52);
  }
}

namespace {

// Both forms of making positions, from column 37 on.
template <class Make>
bool same_places(int count, const Make& make) {
  std::vector<std::int32_t> plain(2 * 272), fast(2 * 272);
  const auto row = [&](std::vector<std::int32_t>& to) {
    return PlaceRow{.first = 37, .count = count, .x = to.data(), .y = to.data() + 272};
  };
  make(row(plain), row(fast));
  const auto used = static_cast<std::size_t>(count) * sizeof(std::int32_t);
  return std::memcmp(plain.data(), fast.data(), used) == 0 &&
         std::memcmp(plain.data() + 272, fast.data() + 272, used) == 0;
}

}  // namespace

TEST_CASE("the fast positions have the bits of the plain ones", "[augment][twins]") {
  // The second one passes through the horizon, the third one is nowhere.
  const std::vector<ProjectedRow> rows = {
      {1.1, -3.3, 0.07, 40.2, 0.0013, 1.2}, {0.9, 20, -0.3, 5, -0.01, 1.005}, {0, 0, 0, 0, 0, 0}};
  const Image noise = test::noise({100, 2}, PixelType::f32);
  const RadialRow bent{140, 90, -33.5, 33.5 * 33.5, 1.0 / 20000, -0.17, 0.031};
  test::on_every_target([&](const char* target) {
    for (const int count : {0, 1, 3, 8, 17, 255, 256}) {
      CAPTURE(target, count);
      for (const ProjectedRow& row : rows)
        CHECK(same_places(count, [&](const PlaceRow& plain, const PlaceRow& fast) {
          plain::project(row, plain);
          simd::project(row, fast);
        }));
      CHECK(same_places(count, [&](const PlaceRow& plain, const PlaceRow& fast) {
        plain::bend(bent, plain);
        simd::bend(bent, fast);
      }));
      CHECK(same_places(count, [&](const PlaceRow& plain, const PlaceRow& fast) {
        const DisplacedRow row{21, 33.7, noise.view().f32(0), noise.view().f32(1)};
        plain::displace(row, plain);
        simd::displace(row, fast);
      }));
    }
  });
}

TEST_CASE("the fast weighted sums have the bits of the plain ones", "[augment][twins]") {
  const std::size_t step = GENERATE(1U, 100U);
  const Image noise = test::noise({900, 1}, PixelType::f32);
  const std::span<const float> values(noise.view().f32(0), 2700);
  const std::span<const float> weights = values.subspan(1000, 23);
  test::on_every_target([&](const char* target) {
    for (std::size_t count = 0; count < 140; ++count) {
      CAPTURE(target, count, step);
      const test::Scratch plain(count * sizeof(float)), fast(count * sizeof(float));
      const auto sums = [&](const test::Scratch& to) {
        return WeightedSums{.from = values.data(),
                            .step = step,
                            .weights = weights,
                            .count = count,
                            .to = reinterpret_cast<float*>(to.bytes().data())};
      };
      plain::weighted_sums(sums(plain));
      simd::weighted_sums(sums(fast));
      CHECK(std::memcmp(plain.bytes().data(), fast.bytes().data(), count * sizeof(float)) == 0);
    }
  });
}

TEST_CASE("the fast noise of elastic fields has the bits of the plain one", "[augment][twins]") {
  test::on_every_target([&](const char* target) {
    for (const std::size_t width : {0U, 1U, 5U, 31U, 32U, 33U, 101U}) {
      CAPTURE(target, width);
      std::vector<float> plain(2 * width), fast(2 * width);
      const auto half = [&](std::vector<float>& row, std::size_t first) {
        return std::span(row).subspan(first, width);
      };
      plain::displacements(0x123456789ABCDEF0U, 77, half(plain, 0), half(plain, width));
      simd::displacements(0x123456789ABCDEF0U, 77, half(fast, 0), half(fast, width));
      CHECK(plain == fast);
    }
  });
}

namespace {

// The part `box` of a resize to `to`, from just the pixels that it needs, by both twins.
bool same_resize(const Image& image, Extent to, const Box& box) {
  const Box needed = augment::bilinear_box_before(image.extent(), to, box);
  const test::Scratch pixels(image_bytes(needed.extent, PixelType::u8));
  const ImageView held{pixels.bytes().data(), needed.extent, PixelType::u8};
  for (int y = 0; y < needed.extent.height; ++y)
    std::memcpy(held.u8(y), image.view().u8(needed.top + y) + needed.left * kChannels,
                held.row_bytes());
  const test::Scratch plain(image_bytes(box.extent, PixelType::u8));
  const test::Scratch fast(image_bytes(box.extent, PixelType::u8));
  const test::Scratch scratch(simd::resize_scratch_bytes(image.extent(), to));
  const auto resize = [&](const test::Scratch& made) {
    return ByteResize{.from = {held, needed, image.extent()},
                      .to = {{made.bytes().data(), box.extent, PixelType::u8}, box, to},
                      .scratch = scratch.bytes()};
  };
  plain::resize_bilinear(resize(plain));
  simd::resize_bilinear(resize(fast));
  return std::ranges::equal(plain.bytes(), fast.bytes());
}

}  // namespace

TEST_CASE("the fast bilinear resize has the bits of the plain one", "[augment][twins]") {
  const int width = GENERATE(1, 2, 5, 6, 21, 22, 23, 40, 300), height = GENERATE(1, 2, 9);
  const Image image = test::noise({width, height}, PixelType::u8);
  test::on_every_target([&](const char* target) {
    for (const int across : {1, 2, 3, 7, 10, 11, 33, 150, 341, 1000})
      for (const int down : {1, 3, 8, 31}) {
        const Extent to{across, down};
        CAPTURE(target, width, height, across, down);
        CHECK(same_resize(image, to, whole(to)));
        CHECK(same_resize(image, to, {across / 2, down / 3, {across - across / 2, 1}}));
        CHECK(same_resize(image, to, {across / 3, 0, {(across + 1) / 2, down}}));
      }
  });
}
