// The arrays that layers are handed: activations and their gradients, as runtime/backend/bf16.h
// stores them.
#pragma once

#include <cassert>
#include <cstddef>
#include <type_traits>

#include "runtime/backend/backend.h"
#include "runtime/backend/bf16.h"

namespace sluice::onednn {

// Scores and losses stay f32 whatever the net is computed in.
inline Precision output_element(const Net& net, std::size_t layer, Precision precision) {
  return layer + 2 >= net.layers.size() ? Precision::f32 : precision;
}

// An activation of a batch, or its gradient; null where there is none. Does not own.
template <class Byte>
struct BasicArray {
  Byte* data = nullptr;
  Precision element = Precision::f32;

  // T: the element's own type, float or Bf16.
  template <class T>
  auto* as() const {
    assert(data == nullptr || element == element_of<T>);
    if constexpr (std::is_const_v<Byte>) {
      return reinterpret_cast<const T*>(data);
    } else {
      return reinterpret_cast<T*>(data);
    }
  }
  explicit operator bool() const { return data != nullptr; }
  operator BasicArray<const std::byte>() const { return {data, element}; }
};
using Array = BasicArray<std::byte>;
using ConstArray = BasicArray<const std::byte>;

}  // namespace sluice::onednn
