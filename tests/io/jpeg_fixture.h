// Small JPEG files made on the spot, of every kind that libjpeg can write.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "runtime/extent.h"

namespace sluice::io::test {

enum class Colour { ycbcr, rgb, grey, cmyk, ycck };
// Chroma 4:4:4, 4:2:0, 4:2:2, 4:4:0, 4:1:1.
enum class Sampling { full, halved, halved_across, halved_down, quartered_across };
enum class Coding { baseline, progressive, one_scan_a_component, many_scans, arithmetic };
enum class AdobeMarker { as_libjpeg_does, none };

// The first components of a pixel, as libjpeg takes them (grey: one, CMYK: four).
using Pixel = std::array<std::uint8_t, 4>;

struct JpegFixture {
  Extent extent{32, 16};
  Colour colour = Colour::ycbcr;
  Sampling sampling = Sampling::full;
  Coding coding = Coding::baseline;
  AdobeMarker adobe = AdobeMarker::as_libjpeg_does;
  int restart_rows = 0;         // MCU rows between restart markers, 0: none
  std::vector<std::byte> app1;  // content of an APP1 marker, empty: none
  std::function<Pixel(int x, int y)> pixel = [](int, int) { return Pixel{200, 100, 50, 0}; };
};

std::vector<std::byte> encode(const JpegFixture& fixture);

// The content of an APP1 marker that says `orientation`.
std::vector<std::byte> exif_block(int orientation);

}  // namespace sluice::io::test
