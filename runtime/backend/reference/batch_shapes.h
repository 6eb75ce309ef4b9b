// What every layer of the reference backend is told about its data.
//
// Layers are free functions on canonical arrays: activations (rows, channels, height, width) or
// (rows, features), parameters as layer_spec.h says. T is float or double; sums are kept in double.
// Spans must have exactly the sizes that follow from the shapes. Pure; any thread.
#pragma once

#include <cstddef>
#include <cstdint>

#include "runtime/tensor.h"

namespace sluice::reference {

struct BatchShapes {
  std::int64_t rows = 0;
  Shape in;   // of one row
  Shape out;  // of one row

  std::size_t in_elements() const { return static_cast<std::size_t>(rows * in.elements()); }
  std::size_t out_elements() const { return static_cast<std::size_t>(rows * out.elements()); }
};

}  // namespace sluice::reference
