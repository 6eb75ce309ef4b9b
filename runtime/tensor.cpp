#include "runtime/tensor.h"

#include <algorithm>
#include <cstring>

namespace sluice {

std::int64_t Shape::elements() const {
  std::int64_t product = 1;
  for (const std::int64_t size : sizes_) product *= size;
  return product;
}

std::string Shape::text() const {
  std::string text;
  for (const std::int64_t size : sizes_) {
    if (!text.empty()) text += 'x';
    text += std::to_string(size);
  }
  return text;
}

Tensor::Tensor(Shape shape)
    : shape_(std::move(shape)),
      block_(Block::allocate(static_cast<std::size_t>(shape_.elements()) * sizeof(float))) {
  std::fill(values().begin(), values().end(), 0.0F);
}

std::span<float> Tensor::values() {
  if (block_.data() == nullptr) return {};
  return {reinterpret_cast<float*>(block_.data()), static_cast<std::size_t>(shape_.elements())};
}

std::span<const float> Tensor::values() const {
  if (block_.data() == nullptr) return {};
  return {reinterpret_cast<const float*>(block_.data()),
          static_cast<std::size_t>(shape_.elements())};
}

Tensor Tensor::clone() const {
  Tensor copy(shape_);
  std::copy(values().begin(), values().end(), copy.values().begin());
  return copy;
}

}  // namespace sluice
