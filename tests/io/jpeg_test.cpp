#include "io/jpeg.h"

#include <cstdlib>
#include <cstring>
#include <string>

#include "tests/io/jpeg_fixture.h"
#include "tests/io/temp_folder.h"
#include "tests/support/catch.h"

using namespace sluice;
using namespace sluice::io;
using Catch::Contains;
using test::AdobeMarker;
using test::Coding;
using test::Colour;
using test::JpegFixture;
using test::Pixel;
using test::Sampling;

namespace {

struct Decoded {
  Image image;
  JpegWarnings warnings;
};

Result<Decoded> decode(std::span<const std::byte> file, const JpegOptions& options = {}) {
  const auto header = read_jpeg_header(file, options);
  if (!header.ok()) return header.error();
  Decoded decoded{Image(header.value().extent, PixelType::u8), {}};
  auto warnings = decode_jpeg(file, options, decoded.image.view());
  if (!warnings.ok()) return warnings.error();
  decoded.warnings = warnings.value();
  return decoded;
}

std::string why(const std::vector<std::byte>& file, const JpegOptions& options = {}) {
  const auto result = decode(file, options);
  return result.ok() ? "decoded" : result.error().message;
}

// The largest difference of the pixel at (x, y) from `expected`.
int distance(const Image& image, int x, int y, std::array<int, 3> expected) {
  int most = 0;
  for (std::size_t c = 0; c < 3; ++c) {
    const int value = image.view().u8(y)[static_cast<std::size_t>(x) * 3 + c];
    most = std::max(most, std::abs(value - expected[c]));
  }
  return most;
}

// Four colours, one a quarter: A B over C D.
constexpr std::array<std::array<int, 3>, 4> kQuarters{
    {{230, 30, 30}, {30, 200, 30}, {30, 30, 220}, {220, 220, 40}}};

Pixel quarter(int x, int y, Extent extent) {
  const auto& c = kQuarters[static_cast<std::size_t>((2 * y >= extent.height ? 2 : 0) +
                                                     (2 * x >= extent.width ? 1 : 0))];
  return {static_cast<std::uint8_t>(c[0]), static_cast<std::uint8_t>(c[1]),
          static_cast<std::uint8_t>(c[2]), 0};
}

JpegFixture quarters(Extent extent) {
  return {.extent = extent, .pixel = [=](int x, int y) { return quarter(x, y, extent); }};
}

// Noise that needs many bits, so that half the file is half the picture.
Pixel noise(int x, int y) {
  const unsigned h =
      (static_cast<unsigned>(x) * 2654435761U) ^ (static_cast<unsigned>(y) * 40503U * 65537U);
  return {static_cast<std::uint8_t>(h >> 7), static_cast<std::uint8_t>(h >> 13),
          static_cast<std::uint8_t>(h >> 19), 0};
}

}  // namespace

TEST_CASE("a jpeg of every coding gives its colours", "[io][jpeg]") {
  const auto coding = GENERATE(Coding::baseline, Coding::progressive, Coding::one_scan_a_component,
                               Coding::arithmetic);
  const auto sampling = GENERATE(Sampling::full, Sampling::halved);
  const auto colour = GENERATE(Colour::ycbcr, Colour::rgb);
  CAPTURE(static_cast<int>(coding), static_cast<int>(sampling), static_cast<int>(colour));
  JpegFixture fixture = quarters({67, 45});
  fixture.coding = coding;
  fixture.sampling = sampling;
  fixture.colour = colour;
  const auto file = test::encode(fixture);

  const auto header = read_jpeg_header(file, {});
  REQUIRE(header.ok());
  CHECK(header.value().stored == Extent{67, 45});
  CHECK(header.value().components == 3);
  CHECK(header.value().progressive == (coding == Coding::progressive));
  CHECK(header.value().multi_scan ==
        (coding == Coding::progressive || coding == Coding::one_scan_a_component));
  const auto decoded = decode(file);
  REQUIRE(decoded.ok());
  CHECK(decoded.value().warnings.count == 0);
  CHECK(distance(decoded.value().image, 8, 8, kQuarters[0]) < 6);
  CHECK(distance(decoded.value().image, 60, 8, kQuarters[1]) < 6);
  CHECK(distance(decoded.value().image, 8, 40, kQuarters[2]) < 6);
  CHECK(distance(decoded.value().image, 60, 40, kQuarters[3]) < 6);
}

TEST_CASE("grey becomes three equal channels", "[io][jpeg]") {
  const auto file = test::encode({.colour = Colour::grey});
  const auto decoded = decode(file);
  REQUIRE(decoded.ok());
  CHECK(distance(decoded.value().image, 31, 15, {200, 200, 200}) <= 1);
}

TEST_CASE("cmyk is inverted behind an Adobe marker and plain without one", "[io][jpeg]") {
  JpegFixture fixture{.colour = Colour::cmyk, .pixel = [](int, int) {
                        return Pixel{51, 102, 204, 128};
                      }};
  const auto adobe = decode(test::encode(fixture));
  REQUIRE(adobe.ok());
  CHECK(distance(adobe.value().image, 5, 5, {26, 51, 102}) <= 2);  // c k / 255

  fixture.adobe = AdobeMarker::none;
  const auto plain = decode(test::encode(fixture));
  REQUIRE(plain.ok());
  CHECK(distance(plain.value().image, 5, 5, {102, 76, 25}) <= 2);  // (255 - c) (255 - k) / 255
}

TEST_CASE("ycck is read as inverted cmyk", "[io][jpeg]") {
  const auto decoded = decode(test::encode({.colour = Colour::ycck, .pixel = [](int, int) {
                                              return Pixel{250, 128, 20, 255};
                                            }}));
  REQUIRE(decoded.ok());
  CHECK(distance(decoded.value().image, 20, 9, {250, 128, 20}) <= 4);
}

TEST_CASE("exif orientation turns the pixels only when asked", "[io][jpeg]") {
  // Which stored quarter lies at the top left, top right, bottom left and bottom right.
  const std::array<std::string, 8> kTurned{"ABCD", "BADC", "DCBA", "CDAB",
                                           "ACBD", "CADB", "DBCA", "BDAC"};
  const int orientation = GENERATE(range(1, 9));
  const auto colour = GENERATE(Colour::ycbcr, Colour::cmyk);
  CAPTURE(orientation);
  JpegFixture fixture = quarters({48, 32});
  fixture.colour = colour;
  fixture.app1 = test::exif_block(orientation);
  if (colour == Colour::cmyk) {
    fixture.pixel = [](int x, int y) {
      Pixel pixel = quarter(x, y, {48, 32});
      pixel[3] = 255;
      return pixel;
    };
  }
  const auto file = test::encode(fixture);

  const auto as_stored = decode(file);
  REQUIRE(as_stored.ok());
  CHECK(as_stored.value().image.extent() == Extent{48, 32});
  CHECK(distance(as_stored.value().image, 4, 4, kQuarters[0]) < 6);

  const JpegOptions options{.orientation = Orientation::apply};
  const auto header = read_jpeg_header(file, options);
  REQUIRE(header.ok());
  CHECK(header.value().exif_orientation == orientation);
  CHECK(header.value().stored == Extent{48, 32});
  const Extent extent = orientation < 5 ? Extent{48, 32} : Extent{32, 48};
  CHECK(header.value().extent == extent);
  const auto turned = decode(file, options);
  REQUIRE(turned.ok());
  for (int corner = 0; corner < 4; ++corner) {
    const int x = corner % 2 == 0 ? 4 : extent.width - 5;
    const int y = corner < 2 ? 4 : extent.height - 5;
    const char letter =
        kTurned[static_cast<std::size_t>(orientation - 1)][static_cast<std::size_t>(corner)];
    CAPTURE(corner, letter);
    CHECK(distance(turned.value().image, x, y, kQuarters[static_cast<std::size_t>(letter - 'A')]) <
          6);
  }
}

TEST_CASE("one pixel wide and high images are read up to the format's limit", "[io][jpeg]") {
  const auto extent = GENERATE(Extent{1, 65500}, Extent{65500, 1}, Extent{1, 1});
  const auto coding = GENERATE(Coding::baseline, Coding::progressive);
  const auto decoded = decode(test::encode({.extent = extent, .coding = coding}));
  REQUIRE(decoded.ok());
  CHECK(decoded.value().image.extent() == extent);
  CHECK(distance(decoded.value().image, extent.width - 1, extent.height - 1, {200, 100, 50}) < 4);
}

TEST_CASE("an image above the pixel limit is refused from its header", "[io][jpeg]") {
  const auto file = test::encode({.extent = {100, 50}});
  CHECK(why(file, {.limits = {.max_pixels = 5000}}) == "decoded");
  const auto header = read_jpeg_header(file, {.limits = {.max_pixels = 4999}});
  REQUIRE(!header.ok());
  CHECK_THAT(header.error().message, Contains("100 x 50") && Contains("megapixels, the limit is"));
}

TEST_CASE("a file of more scans than the limit is stopped", "[io][jpeg]") {
  const auto file =
      test::encode({.extent = {16, 16}, .colour = Colour::grey, .coding = Coding::many_scans});
  CHECK(why(file) == "more than 500 scans, the limit");
  CHECK(why(file, {.limits = {.max_scans = 693}}) == "more than 693 scans, the limit");
  CHECK(why(file, {.limits = {.max_scans = 694}}) == "decoded");
  // 16 x 16 pixels a scan.
  CHECK(why(file, {.limits = {.max_scans = 694, .max_scan_pixels = 693 * 256 + 255}}) ==
        "more than 693 scans, the limit");
  CHECK(why(file, {.limits = {.max_scans = 694, .max_scan_pixels = 694 * 256}}) == "decoded");
}

TEST_CASE("a truncated file is an error with the offset where it ends", "[io][jpeg]") {
  const auto coding = GENERATE(Coding::baseline, Coding::progressive, Coding::one_scan_a_component,
                               Coding::arithmetic);
  const int restarts = GENERATE(0, 1);
  CAPTURE(static_cast<int>(coding), restarts);
  auto file = test::encode(
      {.extent = {128, 128}, .coding = coding, .restart_rows = restarts, .pixel = noise});
  file.resize(file.size() * 2 / 3);
  const auto result = decode(file);
  REQUIRE(!result.ok());
  CHECK_THAT(result.error().message, Catch::StartsWith("truncated: "));
  CHECK(result.error().byte_offset == static_cast<std::int64_t>(file.size()));

  const auto accepted = decode(file, {.truncated = Truncated::accept});
  REQUIRE(accepted.ok());
  CHECK(accepted.value().warnings.count > 0);
  CHECK(accepted.value().warnings.byte_offset == static_cast<std::int64_t>(file.size()));
}

TEST_CASE("every cut of a file ends in an error or a picture", "[io][jpeg]") {
  const auto coding = GENERATE(Coding::baseline, Coding::progressive);
  const auto whole = test::encode({.extent = {24, 24},
                                   .sampling = Sampling::halved,
                                   .coding = coding,
                                   .restart_rows = 1,
                                   .app1 = test::exif_block(6),
                                   .pixel = noise});
  for (std::size_t size = 0; size + 2 < whole.size(); ++size) {
    const std::vector<std::byte> cut(whole.begin(),
                                     whole.begin() + static_cast<std::ptrdiff_t>(size));
    const auto result = decode(cut, {.orientation = Orientation::apply});
    CAPTURE(size);
    // The last bits of a scan may be padding, so a byte or two can be missed by nobody.
    if (size + 6 < whole.size()) REQUIRE(!result.ok());
    (void)decode(cut, {.truncated = Truncated::accept});
  }
}

TEST_CASE("a baseline file that lacks nothing but its end marker is read with a warning",
          "[io][jpeg]") {
  auto file = test::encode({.extent = {64, 64}, .pixel = noise});
  file.resize(file.size() - 2);
  const auto result = decode(file);
  REQUIRE(result.ok());
  CHECK(result.value().warnings.first == "Premature end of JPEG file");
  CHECK(result.value().warnings.byte_offset == static_cast<std::int64_t>(file.size()));
}

TEST_CASE("corrupt data give a warning with its place and a picture", "[io][jpeg]") {
  auto file = test::encode({.extent = {128, 128}, .restart_rows = 1, .pixel = noise});
  const std::size_t middle = file.size() / 2;
  for (std::size_t i = middle; i < middle + 40; ++i) file[i] = std::byte{0xFE};
  const auto result = decode(file);
  REQUIRE(result.ok());
  CHECK(result.value().warnings.count > 0);
  CHECK_THAT(result.value().warnings.first, Contains("Corrupt JPEG data"));
  CHECK(result.value().warnings.byte_offset > static_cast<std::int64_t>(file.size() / 3));
  CHECK(result.value().warnings.byte_offset < static_cast<std::int64_t>(file.size()));
}

TEST_CASE("random damage never crashes", "[io][jpeg]") {
  const auto coding = GENERATE(Coding::baseline, Coding::progressive, Coding::arithmetic);
  const auto whole = test::encode(
      {.extent = {40, 40}, .coding = coding, .app1 = test::exif_block(3), .pixel = noise});
  unsigned state = 12345;
  int decoded = 0;
  for (int round = 0; round < 400; ++round) {
    auto file = whole;
    for (int hit = 0; hit < 3; ++hit) {
      state = state * 1664525U + 1013904223U;
      file[(state >> 8) % file.size()] = static_cast<std::byte>(state >> 24);
    }
    const JpegOptions options{.limits = {.max_pixels = 4'000'000},
                              .orientation = Orientation::apply};
    if (decode(file, options).ok()) ++decoded;
  }
  CHECK(decoded > 0);
  CHECK(decoded < 400);
}

TEST_CASE("what is no jpeg is told by its first bytes", "[io][jpeg]") {
  const auto message = [](std::string_view text) {
    const auto bytes = std::as_bytes(std::span(text));
    return why({bytes.begin(), bytes.end()});
  };
  CHECK(message("") == "empty file (0 bytes)");
  CHECK(message("\x89PNG\r\n\x1a\n") == "not a JPEG: starts with 89 50 (PNG)");
  CHECK(message("GIF89a") == "not a JPEG: starts with 47 49 (GIF)");
  CHECK(message("RIFF....WEBPVP8 ") == "not a JPEG: starts with 52 49 (WebP)");
  CHECK(message("hello") == "not a JPEG: starts with 68 65");
  CHECK(message("\xFF") == "not a JPEG: starts with ff");
  CHECK_THAT(message("\xFF\xD8"), Contains("truncated: Premature end of JPEG file"));
  CHECK_THAT(message("\xFF\xD8\xFF\xD9"), Contains("no image"));
}

TEST_CASE("an image of another size than the header is the caller's mistake", "[io][jpeg]") {
  const auto file = test::encode({.extent = {32, 16}});
  Image image({16, 32}, PixelType::u8);
  CHECK_THAT(test::thrown([&] { (void)decode_jpeg(file, {}, image.view()); }),
             Contains("2: decode_jpeg: the image is 16 x 32, its header says 32 x 16"));
}

TEST_CASE("nothing is written outside the image", "[io][jpeg]") {
  const int orientation = GENERATE(1, 3, 6, 7);
  const auto file = test::encode(
      {.extent = {19, 11}, .colour = Colour::cmyk, .app1 = test::exif_block(orientation)});
  const JpegOptions options{.orientation = Orientation::apply};
  const Extent extent = read_jpeg_header(file, options).value().extent;
  std::vector<std::byte> memory(image_bytes(extent, PixelType::u8) + 128, std::byte{0xA5});
  const ImageView view{memory.data() + 64, extent, PixelType::u8};
  REQUIRE(decode_jpeg(file, options, view).ok());
  for (std::size_t i = 0; i < 64; ++i) {
    REQUIRE(memory[i] == std::byte{0xA5});
    REQUIRE(memory[memory.size() - 1 - i] == std::byte{0xA5});
  }
}
