#include "nodes/jpeg_quality.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "io/encode_jpeg.h"
#include "io/jpeg.h"
#include "runtime/error.h"
#include "tests/augment/distribution.h"
#include "tests/augment/images.h"
#include "tests/support/catch.h"

using namespace sluice;
using namespace sluice::nodes;
using sluice::test::applied;
using sluice::test::noise;
using sluice::test::values;

namespace {

Image gradient(Extent extent) {
  Image image(extent, PixelType::u8);
  for (int y = 0; y < extent.height; ++y)
    for (int x = 0; x < extent.width * 3; ++x)
      image.view().u8(y)[x] = static_cast<std::uint8_t>((x + 3 * y) % 256);
  return image;
}

double difference(const Image& a, const Image& b) {
  const auto left = values(a.view()), right = values(b.view());
  double sum = 0;
  for (std::size_t i = 0; i < left.size(); ++i)
    sum += std::abs(static_cast<double>(left[i] - right[i]));
  return sum / static_cast<double>(left.size());
}

}  // namespace

TEST_CASE("a recompressed image is what the decoder makes of the encoder's file", "[nodes][jpeg]") {
  const Extent extent = GENERATE(Extent{1, 1}, Extent{3, 40}, Extent{40, 3}, Extent{65, 47});
  const Image image = gradient(extent);
  const std::vector<std::byte> file = io::encode_jpeg(image.view(), {.quality = 35});
  Image expected(extent, PixelType::u8);
  REQUIRE(io::decode_jpeg(file, {}, expected.view()).ok());
  CHECK(values(applied(JpegQuality{}, image, {35}).view()) ==
        values(std::as_const(expected).view()));
}

TEST_CASE("a lower quality changes more", "[nodes][jpeg]") {
  const Image image = gradient({64, 48});
  const double high = difference(applied(JpegQuality{}, image, {95}), image);
  const double low = difference(applied(JpegQuality{}, image, {10}), image);
  CHECK(high < low);
  CHECK(low > 1);
}

TEST_CASE("files that outgrow the scratch come out all the same", "[nodes][jpeg]") {
  const Image image = noise({48, 48}, PixelType::u8);
  const test::Scratch scratch(100);
  Image out(image.extent(), PixelType::u8);
  JpegQuality{}.apply(image.view(), {100}, out.view(), scratch.bytes());
  CHECK(values(std::as_const(out).view()) == values(applied(JpegQuality{}, image, {100}).view()));
}

TEST_CASE("JPEG qualities are drawn evenly, and refused out of range", "[nodes][jpeg]") {
  const auto quality = [](const JpegQuality::Decision& decision) { return decision.quality - 40; };
  CHECK(test::chi_square_even(test::drawn_values(JpegQuality{}, {9, 9}, quality), 56) <
        test::kChiSquareBound);
  CHECK_NOTHROW(JpegQuality{}.check());
  CHECK_THROWS_WITH((JpegQuality{.quality = 0}.check()), Catch::Contains("quality is 0"));
  CHECK_THROWS_WITH((JpegQuality{.quality = 96}.check()), Catch::Contains("quality is 96"));
  CHECK(JpegQuality{}.refuses({65501, 1}));
  CHECK(!JpegQuality{}.refuses({65500, 1}));
  CHECK(JpegQuality::Decision{57}.text() == "JPEG of quality 57");
}
