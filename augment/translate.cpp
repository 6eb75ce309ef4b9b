#include "augment/translate.h"

#include <fmt/core.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstring>

#include "augment/part_rows.h"

namespace sluice::augment {
namespace {

// The part of `line` (one axis of a wanted box) that comes from inside the image, as output places.
struct Span {
  int first = 0;
  int end = 0;
};
Span shown(int first, int end, int length, int moved) {
  const int begin = std::clamp(moved, first, end);
  return {begin, std::clamp(length + moved, begin, end)};
}

// `count` pixels.
void fill_pixels(const Rgb& colour, std::byte* to, PixelType type, int count) {
  if (type == PixelType::f32) {
    auto* values = reinterpret_cast<float*>(to);
    for (int i = 0; i < count; ++i, values += kChannels)
      std::copy(colour.begin(), colour.end(), values);
    return;
  }
  std::uint8_t rounded[kChannels];
  for (std::size_t c = 0; c < kChannels; ++c)
    rounded[c] = static_cast<std::uint8_t>(std::lround(colour[c]));
  auto* values = reinterpret_cast<std::uint8_t*>(to);
  for (int i = 0; i < count; ++i, values += kChannels)
    std::copy(rounded, rounded + kChannels, values);
}

// From inside the image: one axis of the box that a part is made of, one pixel at least.
void cover(Span shown_part, int moved, int length, int& first, int& extent) {
  first = std::clamp(shown_part.first - moved, 0, length - 1);
  extent = std::max(shown_part.end - shown_part.first, 1);
}

}  // namespace

std::string Translate::Decision::text() const { return fmt::format("move by {},{}", x, y); }

void Translate::check() const {
  check_range("translate: x", x, {-1, 1});
  check_range("translate: y", y, {-1, 1});
  check_canvas("translate", {.fill = fill});
}

Translate::Decision Translate::draw(Random& random, Extent before) const {
  const double across = x.uniform(random) * before.width;
  const double down = y.uniform(random) * before.height;
  return {static_cast<int>(std::lround(across)), static_cast<int>(std::lround(down))};
}

void Translate::apply(ConstImageView from, const Decision& decision, ImageView to) const {
  apply_part(all_of(from), decision, all_of(to), {});
}

Box Translate::box_before(const Decision& decision, Extent before, const Box& after) const {
  Box box;
  cover(shown(after.left, after.right(), before.width, decision.x), decision.x, before.width,
        box.left, box.extent.width);
  cover(shown(after.top, after.bottom(), before.height, decision.y), decision.y, before.height,
        box.top, box.extent.height);
  return box;
}

void Translate::apply_part(const ConstImagePart& from, const Decision& decision,
                           const ImagePart& to, std::span<std::byte>) const {
  assert(to.view.type == from.view.type);
  const std::size_t pixel = bytes_per_pixel(to.view.type);
  const Span rows = shown(to.box.top, to.box.bottom(), from.whole.height, decision.y);
  const Span columns = shown(to.box.left, to.box.right(), from.whole.width, decision.x);
  const int before = columns.first - to.box.left, copied = columns.end - columns.first;
  const int behind = to.box.right() - columns.end;
  std::byte* row = to.view.data;
  for (int line = to.box.top; line < to.box.bottom(); ++line, row += to.view.row_bytes()) {
    if (line < rows.first || line >= rows.end || copied == 0) {
      fill_pixels(fill, row, to.view.type, to.box.extent.width);
      continue;
    }
    const ConstImageView source =
        part_row(from, columns.first - decision.x, line - decision.y, copied);
    std::byte* middle = row + static_cast<std::size_t>(before) * pixel;
    fill_pixels(fill, row, to.view.type, before);
    std::memcpy(middle, source.data, source.row_bytes());
    fill_pixels(fill, middle + source.row_bytes(), to.view.type, behind);
  }
}

}  // namespace sluice::augment
