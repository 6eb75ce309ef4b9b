// Boxes of neighbours; for this folder's operations.
#pragma once

#include <algorithm>

#include "runtime/extent.h"

namespace sluice::augment {

// A box and so many pixels around it, as far as there are any.
inline Box grown(const Box& box, int by, Extent whole) {
  Box larger;
  larger.left = std::max(0, box.left - by);
  larger.top = std::max(0, box.top - by);
  larger.extent = {std::min(whole.width, box.right() + by) - larger.left,
                   std::min(whole.height, box.bottom() + by) - larger.top};
  return larger;
}

}  // namespace sluice::augment
