// What is still to be done to a row of bytes before a net reads it: the tail of a chain of augment
// nodes whose decisions are known, as one small value a row. A CPU's store and a GPU's kernel do
// the same to it (`transformed`), bit for bit in f32.
#pragma once

#include <cstdint>

namespace sluice {

// Trivially copyable, a fixed layout: it is copied to devices. Steps are done in order, each in f32
// and rounded, on unclamped values that begin as the bytes 0 to 255.
struct RowTransform {
  // subtract_image: what the row's image (runtime/row_image.h) has at the pixel's place.
  enum class Kind : std::int32_t { none, add, divide, subtract_image };
  struct Step {
    Kind kind = Kind::none;
    float by[3] = {0.0F, 0.0F, 0.0F};  // R, G, B; of a row of one channel the first
  };
  static constexpr int kSteps = 4;

  std::int32_t flip = 0;  // 1: columns from right to left
  // Where the bytes' first pixel lies in the row's image.
  std::int32_t left = 0;
  std::int32_t top = 0;
  Step steps[kSteps];
};

// There must be room for one more (kSteps).
constexpr void add_step(RowTransform& transform, const RowTransform::Step& next) {
  RowTransform::Step* step = transform.steps;
  while (step->kind != RowTransform::Kind::none) ++step;
  *step = next;
}

constexpr bool subtracts_image(const RowTransform& transform) {
  for (const RowTransform::Step& step : transform.steps)
    if (step.kind == RowTransform::Kind::subtract_image) return true;
  return false;
}

// The column of the bytes that a column of the net's row is made of.
constexpr int column_of_bytes(const RowTransform& transform, int column, int width) {
  return transform.flip != 0 ? width - 1 - column : column;
}

// A byte as the net reads it. `image`: the three values that the row's image has at the byte's
// place; not looked at by rows that subtract none. Divisions are true ones: a product with the
// rounded reciprocal has other bits. Compiled for hosts and devices, neither may fuse or
// approximate.
constexpr float transformed(std::uint8_t value, const RowTransform& transform, int channel,
                            const float* image = nullptr) {
  auto result = static_cast<float>(value);
  for (const RowTransform::Step& step : transform.steps) {
    if (step.kind == RowTransform::Kind::add) result += step.by[channel];
    if (step.kind == RowTransform::Kind::divide) result /= step.by[channel];
    if (step.kind == RowTransform::Kind::subtract_image) result -= image[channel];
  }
  return result;
}

}  // namespace sluice
