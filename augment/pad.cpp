#include "augment/pad.h"

#include <cassert>
#include <cstring>

#include "runtime/error.h"

namespace sluice::augment {

void Pad::check() const {
  require(pixels >= 0 && pixels <= kMost, "pad: pixels is {}, it must be 0 to {}", pixels, kMost);
}

void Pad::apply(ConstImageView from, const Decision&, ImageView to) const {
  assert(to.extent == extent_after({}, from.extent) && to.type == from.type);
  const std::size_t margin = static_cast<std::size_t>(pixels) * bytes_per_pixel(to.type);
  const std::size_t row_bytes = to.row_bytes();
  const std::size_t above = static_cast<std::size_t>(pixels) * row_bytes;
  std::byte* row = to.data;
  std::memset(row, 0, above);
  row += above;
  for (int y = 0; y < from.extent.height; ++y, row += row_bytes) {
    std::memset(row, 0, margin);
    std::memcpy(row + margin, from.data + static_cast<std::size_t>(y) * from.row_bytes(),
                from.row_bytes());
    std::memset(row + margin + from.row_bytes(), 0, margin);
  }
  std::memset(row, 0, above);
}

}  // namespace sluice::augment
