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

}  // namespace sluice
