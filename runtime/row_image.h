// An image that rows' transforms subtract a window of: the training images' mean at each position.
#pragma once

#include <memory>
#include <vector>

#include "runtime/extent.h"

namespace sluice {

// Copies share the values, which nobody writes: who has seen them before knows them by their
// address.
struct RowImage {
  std::shared_ptr<const std::vector<float>> values{};  // (height, width, 3)
  Extent extent{};                                     // of values

  bool empty() const { return values == nullptr; }
};

}  // namespace sluice
