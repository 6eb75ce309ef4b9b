#include "augment/window.h"

#include <fmt/core.h>

#include <cassert>
#include <cstring>

namespace sluice::augment {

std::string Window::text() const {
  return fmt::format("crop {}x{} at {},{}", extent.width, extent.height, left, top);
}

void copy_part(const ConstImagePart& from, const Box& box, ImageView to) {
  assert(to.extent == box.extent && to.type == from.view.type);
  const std::size_t from_bytes = from.view.row_bytes();
  const std::size_t to_bytes = to.row_bytes();
  const int left = box.left - from.box.left, top = box.top - from.box.top;
  assert(inside({.left = left, .top = top, .extent = box.extent}, from.view.extent));
  const std::byte* source = from.view.data + static_cast<std::size_t>(top) * from_bytes +
                            static_cast<std::size_t>(left) * bytes_per_pixel(to.type);
  std::byte* target = to.data;
  for (int y = 0; y < box.extent.height; ++y, source += from_bytes, target += to_bytes)
    std::memcpy(target, source, to_bytes);
}

void copy_window(ConstImageView from, const Window& window, ImageView to) {
  copy_part({from, whole(from.extent), from.extent}, window.box(), to);
}

std::optional<std::string> refuses_square(int side, Extent extent) {
  if (extent.width >= side && extent.height >= side) return std::nullopt;
  return fmt::format(
      "image of {}x{} is smaller than the crop of {}x{}: rescale to a shorter side of at least {} "
      "first",
      extent.width, extent.height, side, side, side);
}

}  // namespace sluice::augment
