// Which arrays an operation reads and writes: what placing them and checking a plan go by.
#pragma once

#include <cstddef>
#include <functional>

#include "runtime/backend/cudnn/operation.h"

namespace sluice::cudnn {

enum class Access : std::uint8_t { read, write };

struct ArrayUse {
  Access access = Access::read;
  std::size_t bytes = 0;  // of all its values
};

// Calls `visit` for each array that is there, what is read before what is written. An array that
// an operation works on in place comes twice.
void for_each_array(OperationKind& what, const std::function<void(Array&, ArrayUse)>& visit);

}  // namespace sluice::cudnn
