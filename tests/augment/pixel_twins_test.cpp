// The fast loops over pixels have the bits of their plain twins, whatever the CPU offers (law 7).
#include <cstring>
#include <type_traits>

#include "augment/plain/grey.h"
#include "augment/plain/hue.h"
#include "augment/plain/matrix.h"
#include "augment/plain/points.h"
#include "augment/plain/sums.h"
#include "augment/plain/table.h"
#include "augment/plain/tone.h"
#include "augment/simd/grey.h"
#include "augment/simd/hue.h"
#include "augment/simd/matrix.h"
#include "augment/simd/points.h"
#include "augment/simd/sums.h"
#include "augment/simd/table.h"
#include "augment/simd/tone.h"
#include "tests/augment/images.h"
#include "tests/support/catch.h"
#include "tests/support/every_target.h"

using namespace sluice;
using namespace sluice::augment;
using sluice::test::noise;
using sluice::test::Scratch;

namespace {

// Exactly so many pixels, so that AddressSanitizer sees one beyond.
template <class T>
struct Pixels {
  explicit Pixels(std::size_t count) : scratch(count * 3 * sizeof(T)) {}
  T* data() const { return reinterpret_cast<T*>(scratch.bytes().data()); }
  Scratch scratch;
};

template <class T>
void fill(const Pixels<T>& pixels, std::size_t count, std::uint32_t seed = 1) {
  const auto type = std::is_same_v<T, float> ? PixelType::f32 : PixelType::u8;
  const Image image = noise({static_cast<int>(count + 1), 1}, type, seed);
  std::memcpy(pixels.data(), image.view().data, count * 3 * sizeof(T));
}

template <class T>
bool same_bits(const Pixels<T>& a, const Pixels<T>& b) {
  return std::ranges::equal(a.scratch.bytes(), b.scratch.bytes());
}

// plain(loop) against fast(loop), and fast(loop) in place where that can be.
template <class From, class To, class Plain, class Fast>
void check_pixels(std::size_t count, Plain plain, Fast fast) {
  const Pixels<From> from(count);
  fill(from, count);
  const Pixels<To> slow(count), quick(count);
  plain(PixelLoop<From, To>{from.data(), count, slow.data()});
  fast(PixelLoop<From, To>{from.data(), count, quick.data()});
  CHECK(same_bits(slow, quick));
  if constexpr (std::is_same_v<From, To>) {
    fast(PixelLoop<From, To>{from.data(), count, from.data()});
    CHECK(same_bits(slow, from));
  }
}

template <class Body>
void on_every_target_and_length(Body body) {
  test::on_every_target([&](const char* target) {
    for (std::size_t count = 0; count < 70; ++count) {
      CAPTURE(target, count);
      body(count);
    }
    CAPTURE(target);
    body(1000);
  });
}

}  // namespace

TEST_CASE("the fast tone has the bits of the plain one", "[augment][twins]") {
  const Tone tone = GENERATE(Tone{1.37F, 0, 0}, Tone{-1, 0, 255}, Tone{0, 1, 0},
                             Tone{1.7F, -0.7F, 0}, Tone{0.013F, 0.1F, -1.25F});
  on_every_target_and_length([&](std::size_t count) {
    const auto slow = [&](const auto& loop) { plain::tone(loop, tone); };
    const auto quick = [&](const auto& loop) { simd::tone(loop, tone); };
    check_pixels<std::uint8_t, std::uint8_t>(count, slow, quick);
    check_pixels<std::uint8_t, float>(count, slow, quick);
    check_pixels<float, float>(count, slow, quick);
  });
}

TEST_CASE("the fast matrix has the bits of the plain one", "[augment][twins]") {
  const ColourAffine affine{{{{0.3F, 1.1F, -0.2F}, {-0.7F, 0.4F, 0.9F}, {0.01F, 0.02F, 1.3F}}},
                            {-12.5F, 0.25F, 31}};
  on_every_target_and_length([&](std::size_t count) {
    const auto slow = [&](const auto& loop) { plain::matrix(loop, affine); };
    const auto quick = [&](const auto& loop) { simd::matrix(loop, affine); };
    check_pixels<std::uint8_t, std::uint8_t>(count, slow, quick);
    check_pixels<std::uint8_t, float>(count, slow, quick);
    check_pixels<float, float>(count, slow, quick);
  });
}

TEST_CASE("the fast grey has the bytes of the plain one", "[augment][twins]") {
  on_every_target_and_length([](std::size_t count) {
    check_pixels<std::uint8_t, std::uint8_t>(
        count, [](const auto& loop) { plain::grey(loop); },
        [](const auto& loop) { simd::grey(loop); });
  });
}

TEST_CASE("the fast turn of hues has the bits of the plain one", "[augment][twins]") {
  const float sixths = GENERATE(0.0F, 0.6F, -0.6F, 3.0F, -3.0F, 1.0F);
  on_every_target_and_length([&](std::size_t count) {
    const auto slow = [&](const auto& loop) { plain::turn_hue(loop, sixths); };
    const auto quick = [&](const auto& loop) { simd::turn_hue(loop, sixths); };
    check_pixels<std::uint8_t, std::uint8_t>(count, slow, quick);
    check_pixels<float, float>(count, slow, quick);
  });
}

TEST_CASE("the fast turn of hues takes every colour of a coarse cube", "[augment][twins]") {
  std::vector<int> cube;
  for (int red = 0; red < 256; red += 17)
    for (int green = 0; green < 256; green += 17)
      for (int blue = 0; blue < 256; blue += 17) cube.insert(cube.end(), {red, green, blue});
  const Image image = test::u8_image({16 * 256, 1}, cube);
  test::on_every_target([&](const char* target) {
    CAPTURE(target);
    Image slow(image.extent(), PixelType::u8);
    Image quick(image.extent(), PixelType::u8);
    plain::turn_hue({image.view().u8(0), 4096, slow.view().u8(0)}, 0.77F);
    simd::turn_hue({image.view().u8(0), 4096, quick.view().u8(0)}, 0.77F);
    CHECK(test::values(std::as_const(slow).view()) == test::values(std::as_const(quick).view()));
  });
}

TEST_CASE("the fast operations on single bytes have the plain ones' bytes", "[augment][twins]") {
  on_every_target_and_length([&](std::size_t count) {
    check_pixels<std::uint8_t, std::uint8_t>(
        count, [](const auto& loop) { plain::invert(loop); },
        [](const auto& loop) { simd::invert(loop); });
    for (const float threshold : {0.0F, 0.5F, 1.0F, 128.0F, 254.5F, 255.0F, 256.0F})
      check_pixels<std::uint8_t, std::uint8_t>(
          count, [&](const auto& loop) { plain::solarize(loop, threshold); },
          [&](const auto& loop) { simd::solarize(loop, threshold); });
    for (const int bits : {1, 4, 8})
      check_pixels<std::uint8_t, std::uint8_t>(
          count, [&](const auto& loop) { plain::posterize(loop, bits); },
          [&](const auto& loop) { simd::posterize(loop, bits); });
  });
}

TEST_CASE("the fast tables have the plain ones' bytes", "[augment][twins]") {
  std::array<ByteTable, 3> tables;
  Random random = test::some_random();
  for (ByteTable& table : tables)
    for (std::uint8_t& entry : table) entry = static_cast<std::uint8_t>(random.below(256));
  on_every_target_and_length([&](std::size_t count) {
    check_pixels<std::uint8_t, std::uint8_t>(
        count, [&](const auto& loop) { plain::look_up(loop, tables[0]); },
        [&](const auto& loop) { simd::look_up(loop, tables[0]); });
    check_pixels<std::uint8_t, std::uint8_t>(
        count, [&](const auto& loop) { plain::look_up(loop, tables); },
        [&](const auto& loop) { simd::look_up(loop, tables); });
  });
}

TEST_CASE("the fast sums and extremes are the plain ones", "[augment][twins]") {
  on_every_target_and_length([&](std::size_t count) {
    const Pixels<std::uint8_t> from(count);
    fill(from, count);
    CHECK(simd::sums(from.data(), count) == plain::sums(from.data(), count));
    CHECK(simd::extremes(from.data(), count) == plain::extremes(from.data(), count));
  });
}

TEST_CASE("sums of white do not overflow", "[augment][twins]") {
  constexpr std::size_t kPixels = 2'000'000;
  const std::vector<std::uint8_t> white(kPixels * 3, 255);
  test::on_every_target([&](const char* target) {
    CAPTURE(target);
    const ByteSums sums = simd::sums(white.data(), kPixels);
    for (std::size_t c = 0; c < 3; ++c) {
      CHECK(sums.values[c] == kPixels * 255);
      CHECK(sums.squares[c] == kPixels * 255 * 255);
    }
  });
}
