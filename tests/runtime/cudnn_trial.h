// Operations of the cuDNN backend in this process's memory: arrays are taken from blocks full of
// NaN, so that what an operation leaves out shows.
#pragma once

#include <array>
#include <cstring>
#include <span>
#include <vector>

#include "runtime/backend/bf16.h"
#include "runtime/backend/cudnn/host/host_operations.h"
#include "runtime/backend/reference/batch_shapes.h"

namespace sluice::cudnn::test {

using Floats = std::vector<float>;
using Doubles = std::vector<double>;

class Trial {
 public:
  Trial();

  // Contents NaN, also in bf16.
  Array space(std::int64_t count, Precision element, Home home = Home::program);
  // Rounded to the element.
  Array put(const Floats& values, Precision element, Home home = Home::program);
  template <class T>
  Array put_bytes(const std::vector<T>& values, Home home) {
    const Array array = space_of_bytes(values.size() * sizeof(T), home);
    std::memcpy(memory().at(array), values.data(), values.size() * sizeof(T));
    return array;
  }
  Array space_of_bytes(std::size_t bytes, Home home);

  void run(OperationKind what) const;
  Floats values(const Array& array) const;
  template <class T>
  std::vector<T> bytes_as(const Array& array, std::size_t count) const {
    std::vector<T> values(count);
    std::memcpy(values.data(), memory().at(array), count * sizeof(T));
    return values;
  }
  Memory memory() const;

 private:
  mutable std::array<std::vector<std::byte>, kHomes> blocks_;
  std::array<std::size_t, kHomes> used_{};
};

// Uniform in (-1, 1), the same for the same seed.
Floats numbers(std::int64_t count, std::uint32_t seed);
Floats rounded(const Floats& values, Precision element);
Doubles widened(const Floats& values);

// Between (rows, channels, height, width) and (rows, height, width, channels).
std::size_t canonical_index(const Plane& plane, std::size_t i);  // of value i of the second
template <class T>
std::vector<T> canonical(const Plane& plane, const std::vector<T>& values) {
  std::vector<T> to(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) to[canonical_index(plane, i)] = values[i];
  return to;
}
template <class T>
std::vector<T> channels_last(const Plane& plane, const std::vector<T>& values) {
  std::vector<T> to(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) to[i] = values[canonical_index(plane, i)];
  return to;
}
reference::BatchShapes shapes(const Plane& in, const Plane& out);

// Whether `values` are `expected` but for rounding: in f32 within 1e-6 of the norm, in bf16 each
// value rounded once.
bool close(const Floats& values, const Doubles& expected, Precision element);

}  // namespace sluice::cudnn::test
