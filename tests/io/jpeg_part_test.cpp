// A part decoded by itself against the same part of the whole image: pixels, errors and warnings.
#include <algorithm>
#include <cstring>
#include <random>

#include "io/jpeg.h"
#include "tests/io/jpeg_fixture.h"
#include "tests/io/temp_folder.h"
#include "tests/support/catch.h"

using namespace sluice;
using namespace sluice::io;
using test::Coding;
using test::Colour;
using test::JpegFixture;
using test::Pixel;
using test::Sampling;

namespace {

// What became of a file; equal for the whole image and for every part.
struct Outcome {
  std::string text;
  Image image;  // empty behind an error
};

std::string words(const Result<JpegWarnings>& result) {
  if (!result.ok()) {
    return fmt::format("error '{}' at {}", result.error().message, result.error().byte_offset);
  }
  const JpegWarnings& warnings = result.value();
  return fmt::format("{} warnings, '{}' at {}", warnings.count, warnings.first,
                     warnings.byte_offset);
}

// Pixels that no decoder left are told from pixels that it wrote.
Image blank(Extent extent) {
  Image image(extent, PixelType::u8);
  std::memset(image.view().data, 0xA5, image_bytes(extent, PixelType::u8));
  return image;
}

Outcome decode_whole(std::span<const std::byte> file, const JpegOptions& options, Extent extent) {
  Outcome outcome{"", blank(extent)};
  const auto result = decode_jpeg(file, options, outcome.image.view());
  outcome.text = words(result);
  if (!result.ok()) outcome.image = {};
  return outcome;
}

Outcome decode_part(std::span<const std::byte> file, const JpegOptions& options, const Box& part) {
  Outcome outcome{"", blank(part.extent)};
  const auto result = decode_jpeg(file, options, part, outcome.image.view());
  outcome.text = words(result);
  if (!result.ok()) outcome.image = {};
  return outcome;
}

// How `part` differs from the same part of `all`; "" where it does not.
std::string difference(const Outcome& all, const Box& part, const Outcome& alone) {
  const std::string where = fmt::format("part {} x {} at {}, {}: ", part.extent.width,
                                        part.extent.height, part.left, part.top);
  if (all.text != alone.text) return where + alone.text + " instead of " + all.text;
  if (all.image.empty()) return "";
  for (int y = 0; y < part.extent.height; ++y) {
    const std::uint8_t* const expected = all.image.view().u8(part.top + y) + part.left * kChannels;
    const std::size_t bytes = alone.image.view().row_bytes();
    if (std::memcmp(expected, alone.image.view().u8(y), bytes) != 0) {
      return where + fmt::format("other pixels in its row {}", y);
    }
  }
  return "";
}

class Parts {
 public:
  explicit Parts(unsigned seed) : random_(seed) {}

  Box next(Extent image) {
    const auto [left, width] = span(image.width);
    const auto [top, height] = span(image.height);
    return {left, top, {width, height}};
  }

 private:
  struct Span {
    int first = 0;
    int count = 0;
  };
  int below(int end) { return static_cast<int>(random_() % static_cast<unsigned>(end)); }
  // Now and then a single pixel, both edges, or one of them.
  Span span(int size) {
    const int kind = below(8);
    if (kind == 0) return {0, size};
    const int count = kind == 1 ? 1 : 1 + below(size);
    if (kind == 2) return {0, count};
    if (kind == 3) return {size - count, count};
    return {below(size - count + 1), count};
  }

  std::mt19937 random_;
};

// Parts at the edges, in the middle, and single pixels.
std::vector<Box> landmarks(Extent e) {
  const int w = std::max(e.width / 3, 1), h = std::max(e.height / 3, 1);
  return {{0, 0, {w, h}},
          {(e.width - w) / 2, (e.height - h) / 2, {w, h}},
          {e.width - w, e.height - h, {w, h}},
          {0, (e.height - h) / 2, {e.width, h}},
          {(e.width - w) / 2, 0, {w, e.height}},
          {e.width - 1, 0, {1, 1}},
          {0, e.height - 1, {1, 1}}};
}

// The first difference among some parts; "" where there is none.
std::string first_difference(std::span<const std::byte> file, const JpegOptions& options,
                             Extent extent, const std::vector<Box>& parts) {
  const Outcome all = decode_whole(file, options, extent);
  for (const Box& part : parts) {
    std::string text = difference(all, part, decode_part(file, options, part));
    if (!text.empty()) return text;
  }
  return "";
}

std::vector<Box> random_parts(Extent extent, unsigned seed, int count) {
  Parts parts(seed);
  std::vector<Box> list;
  for (int i = 0; i < count; ++i) list.push_back(parts.next(extent));
  return list;
}

std::vector<Box> single_pixels(Extent extent) {
  std::vector<Box> list;
  for (int y = 0; y < extent.height; ++y)
    for (int x = 0; x < extent.width; ++x) list.push_back({x, y, {1, 1}});
  return list;
}

// Strong colours that change from pixel to pixel, so that a wrong neighbour shows.
Pixel confetti(int x, int y) {
  std::uint32_t h =
      static_cast<std::uint32_t>(x) * 0x9E3779B1U + static_cast<std::uint32_t>(y) * 0x85EBCA77U;
  h ^= h >> 15;
  h *= 0x2C1B3C6DU;
  h ^= h >> 13;
  return {static_cast<std::uint8_t>(h), static_cast<std::uint8_t>(h >> 8),
          static_cast<std::uint8_t>(h >> 16), static_cast<std::uint8_t>(h >> 24)};
}

JpegFixture confetti_of(Extent extent) { return {.extent = extent, .pixel = confetti}; }

JpegHeader header_of(std::span<const std::byte> file, const JpegOptions& options = {}) {
  const auto header = read_jpeg_header(file, options);
  REQUIRE(header.ok());
  return header.value();
}

bool cheap_parts(const JpegFixture& fixture) { return header_of(test::encode(fixture)).parts; }

const JpegOptions kAccept{.truncated = Truncated::accept};

}  // namespace

TEST_CASE("a part has the pixels of the whole image, for every sampling and odd sizes",
          "[io][jpeg][part]") {
  const auto sampling = GENERATE(Sampling::full, Sampling::halved, Sampling::halved_across,
                                 Sampling::halved_down, Sampling::quartered_across);
  const auto colour = GENERATE(Colour::ycbcr, Colour::rgb, Colour::grey);
  const auto restart_rows = GENERATE(0, 1);
  CAPTURE(static_cast<int>(sampling), static_cast<int>(colour), restart_rows);
  unsigned seed = 1;
  for (const Extent extent :
       {Extent{1, 1}, Extent{2, 3}, Extent{5, 4}, Extent{8, 16}, Extent{17, 17}, Extent{16, 33},
        Extent{34, 31}, Extent{67, 45}, Extent{131, 97}, Extent{200, 1}, Extent{1, 200}}) {
    JpegFixture fixture = confetti_of(extent);
    fixture.sampling = sampling;
    fixture.colour = colour;
    fixture.restart_rows = restart_rows;
    const auto file = test::encode(fixture);
    CAPTURE(extent.width, extent.height);
    CHECK(first_difference(file, {}, extent, random_parts(extent, ++seed, 120)).empty());
    CHECK(first_difference(file, {}, extent, landmarks(extent)).empty());
    CHECK(first_difference(file, {}, extent, {whole(extent)}).empty());
  }
}

TEST_CASE("a part of one pixel is right at every place", "[io][jpeg][part]") {
  const auto sampling =
      GENERATE(Sampling::full, Sampling::halved, Sampling::halved_across, Sampling::halved_down);
  const auto extent = GENERATE(Extent{34, 35}, Extent{4, 9}, Extent{5, 5}, Extent{18, 3});
  CAPTURE(static_cast<int>(sampling), extent.width, extent.height);
  JpegFixture fixture = confetti_of(extent);
  fixture.sampling = sampling;
  CHECK(first_difference(test::encode(fixture), {}, extent, single_pixels(extent)).empty());
}

TEST_CASE("a part of a file whose parts cost as much as the whole is right too",
          "[io][jpeg][part]") {
  const auto coding = GENERATE(Coding::baseline, Coding::progressive, Coding::one_scan_a_component,
                               Coding::arithmetic);
  const auto sampling = GENERATE(Sampling::full, Sampling::halved);
  const auto colour = GENERATE(Colour::ycbcr, Colour::cmyk, Colour::ycck);
  CAPTURE(static_cast<int>(coding), static_cast<int>(sampling), static_cast<int>(colour));
  JpegFixture fixture = confetti_of({67, 45});
  fixture.coding = coding;
  fixture.sampling = sampling;
  fixture.colour = colour;
  const auto file = test::encode(fixture);
  CHECK(header_of(file).parts == (coding == Coding::baseline && colour == Colour::ycbcr));
  CHECK(first_difference(file, {}, {67, 45}, random_parts({67, 45}, 7, 60)).empty());
}

TEST_CASE("a part counts in the pixels of the turned image", "[io][jpeg][part]") {
  const int orientation = GENERATE(range(1, 9));
  const auto coding = GENERATE(Coding::baseline, Coding::progressive);
  CAPTURE(orientation, static_cast<int>(coding));
  JpegFixture fixture = confetti_of({67, 45});
  fixture.sampling = Sampling::halved;
  fixture.coding = coding;
  fixture.app1 = test::exif_block(orientation);
  const auto file = test::encode(fixture);
  const JpegOptions options{.orientation = Orientation::apply};
  const Extent extent = header_of(file, options).extent;
  CHECK(extent == (orientation >= 5 ? Extent{45, 67} : Extent{67, 45}));
  CHECK(first_difference(file, options, extent, random_parts(extent, 11, 100)).empty());
  CHECK(first_difference(file, options, extent, landmarks(extent)).empty());
}

TEST_CASE("the header says of which files a part costs less", "[io][jpeg][part]") {
  JpegFixture fixture = confetti_of({40, 40});
  for (const Sampling sampling :
       {Sampling::full, Sampling::halved, Sampling::halved_across, Sampling::halved_down}) {
    fixture.sampling = sampling;
    CHECK(cheap_parts(fixture));
  }
  fixture.sampling = Sampling::quartered_across;
  CHECK_FALSE(cheap_parts(fixture));
  fixture.colour = Colour::grey;
  fixture.sampling = Sampling::full;
  CHECK(cheap_parts(fixture));
  fixture.coding = Coding::arithmetic;
  CHECK_FALSE(cheap_parts(fixture));
}

TEST_CASE("a part outside the image, an empty one and a wrong destination are refused",
          "[io][jpeg][part]") {
  const auto file = test::encode(confetti_of({40, 30}));
  Image image({8, 8}, PixelType::u8);
  const auto refused = [&](const Box& part, ImageView to) {
    return test::thrown([&] { (void)decode_jpeg(file, {}, part, to); });
  };
  CHECK(refused({32, 22, {8, 8}}, image.view()) == "nothing");
  using Catch::Contains;
  CHECK_THAT(refused({33, 22, {8, 8}}, image.view()), Contains("2: ") && Contains("40 x 30"));
  CHECK_THAT(refused({32, 23, {8, 8}}, image.view()), Contains("inside 40 x 30"));
  CHECK_THAT(refused({-1, 0, {8, 8}}, image.view()), Contains("inside 40 x 30"));
  CHECK_THAT(refused({0, 0, {0, 8}}, image.view()), Contains("inside 40 x 30"));
  CHECK_THAT(refused({0, 0, {8, 9}}, image.view()), Contains("2: ") && Contains("8 x 9"));
  Image floats({8, 8}, PixelType::f32);
  CHECK_THAT(refused({0, 0, {8, 8}}, floats.view()), Contains("u8"));
}

TEST_CASE("a part of a file that ends too early gives the errors of the whole image",
          "[io][jpeg][part]") {
  const auto sampling =
      GENERATE(Sampling::full, Sampling::halved, Sampling::halved_across, Sampling::halved_down);
  const auto restart_rows = GENERATE(0, 1);
  CAPTURE(static_cast<int>(sampling), restart_rows);
  const Extent extent{83, 71};
  JpegFixture fixture = confetti_of(extent);
  fixture.sampling = sampling;
  fixture.restart_rows = restart_rows;
  const auto file = test::encode(fixture);
  int failed = 0;
  for (std::size_t size = file.size() - 1; size > 600; size -= 1 + size / 37) {
    const std::span<const std::byte> cut(file.data(), size);
    if (!read_jpeg_header(cut, {}).ok()) break;
    CAPTURE(size, file.size());
    for (const JpegOptions& options : {JpegOptions{}, kAccept}) {
      CHECK(first_difference(cut, options, extent, landmarks(extent)).empty());
    }
    if (decode_whole(cut, {}, extent).image.empty()) ++failed;
  }
  CHECK(failed > 30);
}

TEST_CASE("a part of a damaged file gives the warnings of the whole image", "[io][jpeg][part]") {
  const auto sampling =
      GENERATE(Sampling::full, Sampling::halved, Sampling::halved_across, Sampling::halved_down);
  const auto restart_rows = GENERATE(0, 1);
  CAPTURE(static_cast<int>(sampling), restart_rows);
  const Extent extent{83, 71};
  JpegFixture fixture = confetti_of(extent);
  fixture.sampling = sampling;
  fixture.restart_rows = restart_rows;
  const auto good = test::encode(fixture);
  std::mt19937 random(5);
  int complained = 0;
  for (int i = 0; i < 60; ++i) {
    auto file = good;
    const std::size_t scan = 640;  // behind the header's tables
    for (int k = 0; k < 1 + i % 3; ++k) {
      const auto value = static_cast<std::byte>(i % 4 == 0 ? 0xFF : random() & 0xFF);
      file[scan + random() % (file.size() - scan)] = value;
    }
    if (!read_jpeg_header(file, {}).ok()) continue;
    CAPTURE(i);
    CHECK(first_difference(file, {}, extent, landmarks(extent)).empty());
    if (decode_whole(file, {}, extent).text.find("0 warnings") != 0) ++complained;
  }
  CHECK(complained > 20);
}

TEST_CASE("parts of photographs have the pixels of the whole ones", "[io][jpeg][part][data]") {
  const auto folder = test::real_data("photos");
  if (!folder) {
    WARN("skipped: no photographs (set SLUICE_DATA)");
    return;
  }
  unsigned seed = 100;
  int cheap = 0;
  for (const auto& entry : std::filesystem::directory_iterator(*folder)) {
    const auto file = test::bytes_of(entry.path());
    const auto header = read_jpeg_header(file, {});
    if (!header.ok()) continue;
    CAPTURE(entry.path().string());
    const Extent extent = header.value().extent;
    CHECK(first_difference(file, {}, extent, random_parts(extent, ++seed, 3)).empty());
    if (header.value().parts) ++cheap;
  }
  CHECK(cheap > 100);
}

TEST_CASE("parts of awkward files give the errors, warnings and pixels of the whole ones",
          "[io][jpeg][part][data]") {
  const auto folder = test::real_data("awkward");
  if (!folder) {
    WARN("skipped: no awkward files (set SLUICE_DATA)");
    return;
  }
  const auto truncated = GENERATE(Truncated::reject, Truncated::accept);
  const auto orientation = GENERATE(Orientation::ignore, Orientation::apply);
  const JpegOptions options{
      .limits = {.max_pixels = 1'500'000}, .orientation = orientation, .truncated = truncated};
  int seen = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(*folder)) {
    if (!entry.is_regular_file()) continue;
    const auto file = test::bytes_of(entry.path());
    const auto header = read_jpeg_header(file, options);
    if (!header.ok()) continue;
    CAPTURE(entry.path().string());
    auto parts = landmarks(header.value().extent);
    parts.resize(3);
    CHECK(first_difference(file, options, header.value().extent, parts).empty());
    ++seen;
  }
  CHECK(seen > 150);
}
