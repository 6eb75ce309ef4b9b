// Dense f32 arrays: an owner (`Tensor`, move-only) and views that never own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <vector>

#include "runtime/memory.h"

namespace sluice {

// Sizes of each axis, outermost first. An activation is (rows, channels, height, width) in words
// and shapes, whatever order a program keeps in memory.
class Shape {
 public:
  Shape() = default;
  Shape(std::initializer_list<std::int64_t> sizes) : sizes_(sizes) {}
  explicit Shape(std::vector<std::int64_t> sizes) : sizes_(std::move(sizes)) {}

  std::size_t rank() const { return sizes_.size(); }
  std::int64_t operator[](std::size_t axis) const { return sizes_[axis]; }
  const std::vector<std::int64_t>& sizes() const { return sizes_; }
  // 1 for rank 0.
  std::int64_t elements() const;
  std::string text() const;  // "128x3x224x224"
  friend bool operator==(const Shape&, const Shape&) = default;

 private:
  std::vector<std::int64_t> sizes_;
};

struct ConstTensorView {
  Shape shape;
  std::span<const float> values;
};

struct TensorView {
  Shape shape;
  std::span<float> values;
  operator ConstTensorView() const { return {shape, values}; }
};

class Tensor {
 public:
  Tensor() = default;
  // Zero-filled.
  explicit Tensor(Shape shape);

  const Shape& shape() const { return shape_; }
  std::span<float> values();
  std::span<const float> values() const;
  TensorView view() { return {shape_, values()}; }
  ConstTensorView view() const { return {shape_, values()}; }
  Tensor clone() const;

 private:
  Shape shape_;
  Block block_;
};

// Makes `to` a copy of `from`; takes memory only where the shapes differ. In parallel in the
// calling thread's arena.
void copy_tensor(const Tensor& from, Tensor& to);

}  // namespace sluice
