// Loads and stores of elements: the operations' arrays as pointers. Sums are made in f32 and
// rounded once where they are stored.
#pragma once

#include <cstddef>
#include <cstdint>

#include "runtime/backend/bf16.h"
#include "runtime/backend/cudnn/array.h"
#include "runtime/backend/cudnn/elements/host_device.h"

namespace sluice::cudnn::elements {

// What an element reads most: its type is known where it is compiled.
template <class T>
class Values {
 public:
  Values() = default;
  explicit Values(const std::byte* data) : data_(reinterpret_cast<const T*>(data)) {}

  SLUICE_HD float operator[](std::int64_t i) const { return to_float(data_[i]); }

 private:
  const T* data_ = nullptr;
};

// What it reads seldom, or whose type may be another.
class AnyValues {
 public:
  AnyValues() = default;
  AnyValues(const Memory& memory, const Array& array)
      : data_(memory.at(array)), element_(array.element) {}

  SLUICE_HD float operator[](std::int64_t i) const {
    if (element_ == Precision::f32) return reinterpret_cast<const float*>(data_)[i];
    return to_float(reinterpret_cast<const Bf16*>(data_)[i]);
  }
  SLUICE_HD explicit operator bool() const { return data_ != nullptr; }

 private:
  const std::byte* data_ = nullptr;
  Precision element_ = Precision::f32;
};

// Where it writes.
class Target {
 public:
  Target() = default;
  Target(const Memory& memory, const Array& array)
      : data_(memory.at(array)), element_(array.element) {}

  SLUICE_HD void store(std::int64_t i, float value) const {
    if (element_ == Precision::f32) {
      reinterpret_cast<float*>(data_)[i] = value;
    } else {
      reinterpret_cast<Bf16*>(data_)[i] = rounded_to<Bf16>(value);
    }
  }

 private:
  std::byte* data_ = nullptr;
  Precision element_ = Precision::f32;
};

// Bytes, labels, tables: the operation says what stands there.
template <class T>
const T* read_from(const Memory& memory, const Array& array) {
  return reinterpret_cast<const T*>(memory.at(array));
}
template <class T>
T* write_to(const Memory& memory, const Array& array) {
  return reinterpret_cast<T*>(memory.at(array));
}

}  // namespace sluice::cudnn::elements
