#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <string>

#include "augment/autocontrast.h"
#include "augment/blur.h"
#include "augment/brightness.h"
#include "augment/contrast.h"
#include "augment/equalize.h"
#include "augment/gamma.h"
#include "augment/grey.h"
#include "augment/hue.h"
#include "augment/invert.h"
#include "augment/posterize.h"
#include "augment/saturation.h"
#include "augment/sharpness.h"
#include "augment/solarize.h"
#include "tests/augment/golden.h"
#include "tests/augment/images.h"
#include "tests/support/catch.h"

using namespace sluice;
using namespace sluice::augment;
using sluice::test::applied;

namespace {

// make_golden_pixels.py's input.
Image half_range(Extent extent, std::int32_t seed) {
  Image image = test::golden_input(extent, seed);
  std::uint8_t* first = image.view().u8(0);
  std::transform(first, first + image_bytes(extent, PixelType::u8), first,
                 [](std::uint8_t value) { return static_cast<std::uint8_t>(value / 2 + 40); });
  return image;
}

Image made(const std::string& name, double value, const Image& from) {
  if (name == "brightness") return applied(Brightness{}, from, {value});
  if (name == "contrast") return applied(Contrast{}, from, {value});
  if (name == "saturation") return applied(Saturation{}, from, {value});
  if (name == "sharpness") return applied(Sharpness{}, from, {value});
  if (name == "grey") return applied(Grey{}, from, {});
  if (name == "hue") return applied(Hue{}, from, {value});
  if (name == "gamma") return applied(Gamma{}, from, {value});
  if (name == "posterize") return applied(Posterize{}, from, {static_cast<int>(value)});
  if (name == "solarize") return applied(Solarize{}, from, {value});
  if (name == "invert") return applied(Invert{}, from, {});
  if (name == "autocontrast") return applied(Autocontrast{}, from, {});
  if (name == "equalize") return applied(Equalize{}, from, {});
  if (name == "blur") return applied(Blur{}, from, {value});
  FAIL("no operation " << name);
  return {};
}

// Where Sluice rounds and the other library cuts the fraction off.
int allowed(const std::string& name) {
  for (const char* same : {"posterize", "solarize", "invert", "equalize", "grey"})
    if (name == same) return 0;
  return 1;
}

}  // namespace

TEST_CASE("operations on colours are those of other libraries, but for rounding",
          "[augment][golden]") {
  std::ifstream file(test::golden("pixels.bin"), std::ios::binary);
  REQUIRE(file.good());
  std::array<char, 16> word{};
  std::array<std::int32_t, 3> head{};
  double value = 0;
  int cases = 0;
  while (file.read(word.data(), sizeof word)) {
    file.read(reinterpret_cast<char*>(head.data()), sizeof head);
    file.read(reinterpret_cast<char*>(&value), sizeof value);
    const Extent extent{head[0], head[1]};
    std::vector<std::uint8_t> expected(image_bytes(extent, PixelType::u8));
    file.read(reinterpret_cast<char*>(expected.data()), std::ssize(expected));
    REQUIRE(file.good());
    const std::string name(word.data());
    const auto ours = test::bytes_of(made(name, value, half_range(extent, head[2])));
    int apart = 0;
    for (std::size_t i = 0; i < ours.size(); ++i)
      apart = std::max(apart, std::abs(ours[i] - expected[i]));
    CAPTURE(name, value, extent.width, extent.height);
    CHECK(apart <= allowed(name));
    ++cases;
  }
  CHECK(cases == 80);
}
