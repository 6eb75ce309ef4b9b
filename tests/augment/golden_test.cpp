#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>

#include "tests/augment/images.h"
#include "tests/support/catch.h"

using namespace sluice;

namespace {

std::filesystem::path golden(const char* name) {
  const char* source = std::getenv("SLUICE_SOURCE");
  const std::filesystem::path folder = source ? std::filesystem::path(source) / "tests/augment"
                                              : std::filesystem::path(__FILE__).parent_path();
  return folder / "golden" / name;
}

// One line or record of the golden files (make_golden.py).
struct Case {
  Extent from;
  Extent to;
  std::int32_t seed = 0;
};

// The generator of make_golden.py.
Image golden_input(const Case& c) {
  Image image(c.from, PixelType::u8);
  auto state = static_cast<std::uint32_t>(c.seed);
  for (int y = 0; y < c.from.height; ++y)
    for (std::size_t i = 0; i < image.view().row_bytes(); ++i) {
      state = state * 1664525U + 1013904223U;
      const auto value = static_cast<std::uint8_t>(state >> 24);
      image.view().u8(y)[i] = y % 3 != 2 ? value : value > 127 ? 255 : 0;
    }
  return image;
}

std::vector<std::uint8_t> resized(const Case& c) {
  const Image from = golden_input(c);
  Image to(c.to, PixelType::u8);
  test::antialiased(from, to);
  return {to.view().u8(0), to.view().u8(0) + image_bytes(c.to, PixelType::u8)};
}

std::uint64_t fnv1a(const std::vector<std::uint8_t>& data) {
  std::uint64_t value = 14695981039346656037ULL;
  for (const std::uint8_t byte : data) value = (value ^ byte) * 1099511628211ULL;
  return value;
}

}  // namespace

TEST_CASE("the antialiased resize has Pillow's bytes", "[augment][rescale][golden]") {
  std::ifstream file(golden("pillow_bilinear.bin"), std::ios::binary);
  REQUIRE(file.good());
  int cases = 0;
  std::array<std::int32_t, 5> head{};
  while (file.read(reinterpret_cast<char*>(head.data()), sizeof head)) {
    const Case c{{head[0], head[1]}, {head[2], head[3]}, head[4]};
    CAPTURE(c.from.width, c.from.height, c.to.width, c.to.height);
    std::vector<std::uint8_t> expected(image_bytes(c.to, PixelType::u8));
    file.read(reinterpret_cast<char*>(expected.data()), std::ssize(expected));
    CHECK(resized(c) == expected);
    ++cases;
  }
  CHECK(cases == 10);
}

TEST_CASE("the antialiased resize has Pillow's bytes on larger images",
          "[augment][rescale][golden]") {
  std::ifstream file(golden("pillow_bilinear.txt"));
  REQUIRE(file.good());
  int cases = 0;
  Case c;
  std::uint64_t expected = 0;
  while (file >> std::dec >> c.from.width >> c.from.height >> c.to.width >> c.to.height >> c.seed >>
         std::hex >> expected) {
    CAPTURE(c.from.width, c.from.height, c.to.width, c.to.height);
    CHECK(fnv1a(resized(c)) == expected);
    ++cases;
  }
  CHECK(cases == 7);
}
