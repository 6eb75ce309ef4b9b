// What happens to a decoded row on its way to the image. Pure; any thread; trivial objects only
// (called below the JPEG reader's setjmp).
#pragma once

#include <cstddef>
#include <cstdint>

#include "runtime/extent.h"

namespace sluice::io {

// How four-component files store ink: Adobe's files hold 255 - ink, others ink.
enum class Ink : std::uint8_t { plain, inverted };

// C M Y K to R G B, in place: `row` holds 4 x width bytes and then 3 x width. channel = (255 - ink)
// x (255 - black) / 255, rounded: no ink profile, as every reader without colour management does.
void cmyk_to_rgb(std::uint8_t* row, int width, Ink ink);

// Size of an image after EXIF orientation 1 to 8 is applied.
Extent oriented(Extent stored, int orientation);

// Where a part of the oriented image lies in the stored one.
Box stored_part(const Box& part, Extent stored, int orientation);

// Where a stored row goes: pixel x of the row lands at `first + x * step`, both counted in pixels
// of the oriented image.
struct RowPlace {
  std::ptrdiff_t first = 0;
  std::ptrdiff_t step = 1;
};
RowPlace row_place(Extent stored, int orientation, int y);

// Copies a row of RGB pixels to its place in `pixels` (the oriented image).
void place_row(const std::uint8_t* row, int width, RowPlace place, std::uint8_t* pixels);

}  // namespace sluice::io
