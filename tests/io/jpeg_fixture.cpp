#include "tests/io/jpeg_fixture.h"

#include <cstdio>
#include <cstdlib>
#include <memory>

#include "io/libjpeg.h"

namespace sluice::io::test {
namespace {

struct Scans {
  std::vector<jpeg_scan_info> list;
  void add(int component, int first, int last, int high, int low) {
    list.push_back({1, {component, 0, 0, 0}, first, last, high, low});
  }
};

// One component a scan, all coefficients.
Scans scan_a_component(int components) {
  Scans scans;
  for (int c = 0; c < components; ++c) scans.add(c, 0, 63, 0, 0);
  return scans;
}

// 1 + 63 x 11 scans of one component: every coefficient bit by bit.
Scans bit_by_bit() {
  Scans scans;
  scans.add(0, 0, 0, 0, 0);
  for (int k = 1; k < 64; ++k) {
    scans.add(0, k, k, 0, 10);
    for (int low = 9; low >= 0; --low) scans.add(0, k, k, low + 1, low);
  }
  return scans;
}

J_COLOR_SPACE input_space(Colour colour) {
  switch (colour) {
    case Colour::grey:
      return JCS_GRAYSCALE;
    case Colour::cmyk:
    case Colour::ycck:
      return JCS_CMYK;
    default:
      return JCS_RGB;
  }
}

J_COLOR_SPACE file_space(Colour colour) {
  switch (colour) {
    case Colour::grey:
      return JCS_GRAYSCALE;
    case Colour::cmyk:
      return JCS_CMYK;
    case Colour::ycck:
      return JCS_YCCK;
    case Colour::rgb:
      return JCS_RGB;
    default:
      return JCS_YCbCr;
  }
}

struct Factors {
  int across = 1;
  int down = 1;
};

Factors luma_factors(Sampling sampling) {
  switch (sampling) {
    case Sampling::halved:
      return {2, 2};
    case Sampling::halved_across:
      return {2, 1};
    case Sampling::halved_down:
      return {1, 2};
    case Sampling::quartered_across:
      return {4, 1};
    default:
      return {1, 1};
  }
}

void configure(jpeg_compress_struct& codec, const JpegFixture& fixture, Scans& scans) {
  codec.image_width = static_cast<JDIMENSION>(fixture.extent.width);
  codec.image_height = static_cast<JDIMENSION>(fixture.extent.height);
  codec.in_color_space = input_space(fixture.colour);
  codec.input_components = codec.in_color_space == JCS_GRAYSCALE ? 1
                           : codec.in_color_space == JCS_CMYK    ? 4
                                                                 : 3;
  jpeg_set_defaults(&codec);
  jpeg_set_colorspace(&codec, file_space(fixture.colour));
  jpeg_set_quality(&codec, 98, TRUE);
  const Factors factors = luma_factors(fixture.sampling);
  for (int c = 0; c < codec.num_components; ++c) {
    const bool luma = c == 0 || c == 3;
    codec.comp_info[c].h_samp_factor = luma ? factors.across : 1;
    codec.comp_info[c].v_samp_factor = luma ? factors.down : 1;
  }
  if (fixture.adobe == AdobeMarker::none) codec.write_Adobe_marker = FALSE;
  codec.restart_in_rows = fixture.restart_rows;
  codec.arith_code = fixture.coding == Coding::arithmetic ? TRUE : FALSE;
  if (fixture.coding == Coding::progressive) jpeg_simple_progression(&codec);
  if (fixture.coding == Coding::one_scan_a_component)
    scans = scan_a_component(codec.num_components);
  if (fixture.coding == Coding::many_scans) scans = bit_by_bit();
  if (scans.list.empty()) return;
  codec.scan_info = scans.list.data();
  codec.num_scans = static_cast<int>(scans.list.size());
}

void write_pixels(jpeg_compress_struct& codec, const JpegFixture& fixture) {
  const auto components = static_cast<std::size_t>(codec.input_components);
  std::vector<JSAMPLE> row(static_cast<std::size_t>(fixture.extent.width) * components);
  for (int y = 0; y < fixture.extent.height; ++y) {
    for (int x = 0; x < fixture.extent.width; ++x) {
      const Pixel pixel = fixture.pixel(x, y);
      for (std::size_t c = 0; c < components; ++c)
        row[static_cast<std::size_t>(x) * components + c] = pixel[c];
    }
    JSAMPROW rows = row.data();
    jpeg_write_scanlines(&codec, &rows, 1);
  }
}

}  // namespace

std::vector<std::byte> encode(const JpegFixture& fixture) {
  jpeg_compress_struct codec{};
  jpeg_error_mgr errors{};
  codec.err = jpeg_std_error(&errors);  // a mistake in a fixture may end the test program
  jpeg_create_compress(&codec);
  unsigned char* memory = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&codec, &memory, &size);
  Scans scans;
  configure(codec, fixture, scans);
  jpeg_start_compress(&codec, TRUE);
  if (!fixture.app1.empty()) {
    jpeg_write_marker(&codec, JPEG_APP0 + 1, reinterpret_cast<const JOCTET*>(fixture.app1.data()),
                      static_cast<unsigned>(fixture.app1.size()));
  }
  write_pixels(codec, fixture);
  jpeg_finish_compress(&codec);
  jpeg_destroy_compress(&codec);
  const auto* const first = reinterpret_cast<const std::byte*>(memory);
  std::vector<std::byte> file(first, first + size);
  std::free(memory);
  return file;
}

std::vector<std::byte> exif_block(int orientation) {
  std::vector<std::byte> block;
  for (const int value : std::initializer_list<int>{
           'E',  'x',  'i', 'f', 0, 0, 'M', 'M', 0, 42,          0, 0, 0, 8, 0, 1,
           0x01, 0x12, 0,   3,   0, 0, 0,   1,   0, orientation, 0, 0, 0, 0, 0, 0}) {
    block.push_back(static_cast<std::byte>(value));
  }
  return block;
}

}  // namespace sluice::io::test
