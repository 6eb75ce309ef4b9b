// Parts of images for operations that treat every row alike; for this folder's operations.
#pragma once

#include "runtime/image.h"

namespace sluice::augment {

// Pixels `columns` from `left` of row `y` of a part, both counted in the whole image.
inline ConstImageView part_row(const ConstImagePart& part, int left, int y, int columns) {
  const auto offset =
      static_cast<std::size_t>(y - part.box.top) * part.view.row_bytes() +
      static_cast<std::size_t>(left - part.box.left) * bytes_per_pixel(part.view.type);
  return {part.view.data + offset, {columns, 1}, part.view.type};
}

// Calls apply(input view, output view) so that `to` is made of `needed`, a box of the same extent
// inside `from`: at once where `from` is just that, else row by row.
template <class Apply>
void apply_by_rows(const ConstImagePart& from, const Box& needed, const ImagePart& to,
                   const Apply& apply) {
  if (from.box == needed) return apply(from.view, to.view);
  for (int y = 0; y < needed.extent.height; ++y) {
    const ImageView row{to.view.data + static_cast<std::size_t>(y) * to.view.row_bytes(),
                        {needed.extent.width, 1},
                        to.view.type};
    apply(part_row(from, needed.left, needed.top + y, needed.extent.width), row);
  }
}

}  // namespace sluice::augment
