#include "augment/window.h"

#include <fmt/core.h>

#include <cassert>
#include <cstring>

namespace sluice::augment {

std::string Window::text() const {
  return fmt::format("crop {}x{} at {},{}", extent.width, extent.height, left, top);
}

void copy_window(ConstImageView from, const Window& window, ImageView to) {
  assert(to.extent == window.extent && to.type == from.type);
  assert(window.left >= 0 && window.left + window.extent.width <= from.extent.width);
  assert(window.top >= 0 && window.top + window.extent.height <= from.extent.height);
  const std::size_t from_bytes = from.row_bytes();
  const std::size_t to_bytes = to.row_bytes();
  const std::byte* source = from.data + static_cast<std::size_t>(window.top) * from_bytes +
                            static_cast<std::size_t>(window.left) * bytes_per_pixel(from.type);
  std::byte* target = to.data;
  for (int y = 0; y < window.extent.height; ++y, source += from_bytes, target += to_bytes)
    std::memcpy(target, source, to_bytes);
}

std::optional<std::string> refuses_square(int side, Extent extent) {
  if (extent.width >= side && extent.height >= side) return std::nullopt;
  return fmt::format(
      "image of {}x{} is smaller than the crop of {}x{}: rescale to a shorter side of at least {} "
      "first",
      extent.width, extent.height, side, side, side);
}

}  // namespace sluice::augment
