// The size of an image in pixels, and of rectangles in it.
#pragma once

#include <cstdint>

namespace sluice {

struct Extent {
  int width = 0;
  int height = 0;

  std::int64_t pixels() const { return static_cast<std::int64_t>(width) * height; }
  friend bool operator==(Extent, Extent) = default;
};

// A part of an image, or of a plane: pixels from `left`, `top` on.
struct Box {
  int left = 0;
  int top = 0;
  Extent extent;

  constexpr int right() const { return left + extent.width; }   // the first column behind it
  constexpr int bottom() const { return top + extent.height; }  // the first row behind it
  friend constexpr bool operator==(const Box&, const Box&) = default;
};

constexpr Box whole(Extent extent) { return {.extent = extent}; }
constexpr bool inside(const Box& part, Extent extent) {
  return part.left >= 0 && part.top >= 0 && part.right() <= extent.width &&
         part.bottom() <= extent.height;
}

}  // namespace sluice
