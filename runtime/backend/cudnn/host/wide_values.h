// Arrays of either element as f32, for loops that read each value many times.
#pragma once

#include <vector>

#include "runtime/backend/cudnn/elements/values.h"
#include "runtime/backend/cudnn/operation.h"

namespace sluice::cudnn::host {

inline std::vector<float> widened(const Memory& memory, const Array& array, std::int64_t count) {
  const elements::AnyValues from(memory, array);
  std::vector<float> values(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = from[static_cast<std::int64_t>(i)];
  return values;
}

// Zeros where a layer has no biases.
inline std::vector<float> biases_of(const Memory& memory, const Array& array, int count) {
  if (!array) return std::vector<float>(static_cast<std::size_t>(count));
  return widened(memory, array, count);
}

// A sum as forward stores it.
inline float after(FusedRelu relu, double sum) {
  const auto value = static_cast<float>(sum);
  return relu == FusedRelu::yes && !(value > 0.0F) ? 0.0F : value;
}

}  // namespace sluice::cudnn::host
