#include "io/jpeg_rows.h"

namespace sluice::io {
namespace {

std::uint8_t times(int a, int b) { return static_cast<std::uint8_t>((a * b + 127) / 255); }

}  // namespace

void cmyk_to_rgb(std::uint8_t* row, int width, Ink ink) {
  const int flip = ink == Ink::plain ? 255 : 0;
  const std::uint8_t* from = row;
  std::uint8_t* to = row;
  for (int x = 0; x < width; ++x, from += 4, to += 3) {
    const int c = from[0] ^ flip, m = from[1] ^ flip, y = from[2] ^ flip, k = from[3] ^ flip;
    to[0] = times(c, k);
    to[1] = times(m, k);
    to[2] = times(y, k);
  }
}

Extent oriented(Extent stored, int orientation) {
  return orientation >= 5 ? Extent{stored.height, stored.width} : stored;
}

Box stored_part(const Box& part, Extent stored, int orientation) {
  const bool transposed = orientation >= 5;
  const bool from_right =
      orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  const bool from_below =
      orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  Box box = part;
  if (transposed) box = {part.top, part.left, {part.extent.height, part.extent.width}};
  if (from_right) box.left = stored.width - box.right();
  if (from_below) box.top = stored.height - box.bottom();
  return box;
}

RowPlace row_place(Extent stored, int orientation, int y) {
  const std::ptrdiff_t w = stored.width, h = stored.height, up = h - 1 - y;
  switch (orientation) {
    case 2:  // mirrored
      return {y * w + w - 1, -1};
    case 3:  // half a turn
      return {up * w + w - 1, -1};
    case 4:  // upside down
      return {up * w, 1};
    case 5:  // transposed; from here on the oriented image is h wide
      return {y, h};
    case 6:  // to be turned clockwise
      return {up, h};
    case 7:  // transposed about the other diagonal
      return {(w - 1) * h + up, -h};
    case 8:  // to be turned anticlockwise
      return {(w - 1) * h + y, -h};
    default:
      return {y * w, 1};
  }
}

void place_row(const std::uint8_t* row, int width, RowPlace place, std::uint8_t* pixels) {
  for (int x = 0; x < width; ++x, row += 3) {
    std::uint8_t* to = pixels + (place.first + x * place.step) * 3;
    to[0] = row[0];
    to[1] = row[1];
    to[2] = row[2];
  }
}

}  // namespace sluice::io
