// How a batch's rows come into a program of the cuDNN backend, and what dropout does to them.
#include <cmath>
#include <limits>

#include "runtime/backend/reference/dropout.h"
#include "runtime/net/dropout_mask.h"
#include "runtime/row_transform.h"
#include "tests/runtime/cudnn_trial.h"
#include "tests/support/catch.h"

namespace sluice::cudnn::test {
namespace {

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

Precision each_precision() { return GENERATE(Precision::f32, Precision::bf16); }

using Kind = RowTransform::Kind;

// A transform with all that a chain may hold, by the row.
RowTransform transform_of(std::size_t row) {
  RowTransform transform;
  transform.flip = row % 2 == 1 ? 1 : 0;
  if (row == 0) return transform;
  const auto shift = static_cast<float>(row) * 0.3F;
  transform.steps[0] = {Kind::add, {shift, -2.7F, 11.1F}};
  transform.steps[1] = {Kind::add, {-123.68F, -116.779F, -103.939F}};
  transform.steps[2] = {Kind::divide, {58.393F, 57.12F, 57.375F}};
  transform.steps[3] = {Kind::none, {kNaN, kNaN, kNaN}};
  return transform;
}

// By hand: one step after the other through memory, so that nothing can be fused.
float by_hand(std::uint8_t byte, const RowTransform& transform, std::size_t channel,
              float image = 0.0F) {
  volatile float value = static_cast<float>(byte);
  for (const RowTransform::Step& step : transform.steps) {
    const float by = step.by[channel];
    if (step.kind == Kind::add) value = value + by;
    if (step.kind == Kind::divide) value = value / by;
    if (step.kind == Kind::subtract_image) value = value - image;
  }
  return value;
}

std::vector<std::uint8_t> some_bytes(std::int64_t count) {
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<std::uint8_t>(i * 37 + i / 251);
  return bytes;
}

// What the rows above become by hand, zeros where the weight is 0.
Floats rows_by_hand(const Plane& plane, const std::vector<std::uint8_t>& bytes,
                    const Floats& weights) {
  const auto channels = static_cast<std::size_t>(plane.channels);
  const auto width = static_cast<std::size_t>(plane.width);
  const std::size_t row_values = bytes.size() / weights.size();
  Floats values(bytes.size(), 0.0F);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const std::size_t row = i / row_values, x = i / channels % width;
    const RowTransform transform = transform_of(row);
    if (weights[row] == 0.0F) continue;
    const std::size_t mirrored = i - x * channels + (width - 1 - x) * channels;
    values[i] = by_hand(bytes[transform.flip != 0 ? mirrored : i], transform, i % channels);
  }
  return values;
}

struct DropoutCase {
  Plane plane;
  double drop;
};

const std::vector<DropoutCase> kDropoutCases{
    {{1, 1, 1, 1}, 0.5}, {{3, 1, 1, 130}, 0.5}, {{2, 5, 5, 7}, 0.3}, {{2, 3, 3, 4}, 0.0}};

const StepNumbers kNumbers{.seed = 0x123456789ABCDEF0, .step = 17, .first_row = 1000};

// (rows, channels, height, width).
std::vector<std::uint8_t> expected_mask(const DropoutCase& c, std::uint32_t stream) {
  const auto units = static_cast<std::size_t>(c.plane.values() / c.plane.rows);
  std::vector<std::uint8_t> kept(static_cast<std::size_t>(c.plane.values()));
  const DropoutKey key{.seed = kNumbers.seed, .step = kNumbers.step, .stream = stream};
  for (std::uint32_t row = 0; row < static_cast<std::uint32_t>(c.plane.rows); ++row) {
    dropout_mask(key, c.drop, kNumbers.first_row + row,
                 std::span(kept).subspan(row * units, units));
  }
  return kept;
}

}  // namespace

TEST_CASE("rows come in as they are, those of weight 0 as zeros whatever they hold",
          "[cudnn][elements]") {
  const Precision element = each_precision();
  const Plane plane{3, 5, 5, 3};
  const auto row = static_cast<std::size_t>(plane.values() / plane.rows);
  Floats from = numbers(plane.values(), 1);
  std::fill_n(from.begin() + static_cast<std::ptrdiff_t>(row), row, kNaN);
  Trial trial;
  const Array to = trial.space(plane.values(), element);
  trial.run(TakeRows{plane, trial.put(from, Precision::f32, Home::input),
                     trial.put({1, 0, 1}, Precision::f32, Home::step), to});
  Floats expected = rounded(from, element);
  std::fill_n(expected.begin() + static_cast<std::ptrdiff_t>(row), row, 0.0F);
  CHECK(trial.values(to) == expected);
}

TEST_CASE("bytes become what their row's steps make of them one by one, bit for bit",
          "[cudnn][elements]") {
  const Precision element = each_precision();
  const Plane plane = GENERATE(Plane{1, 1, 1, 1}, Plane{5, 7, 7, 3}, Plane{4, 6, 6, 1});
  const auto rows = static_cast<std::size_t>(plane.rows);
  Floats weights(rows, 1.0F);
  if (rows > 3) weights[3] = 0.0F;
  std::vector<RowTransform> transforms;
  for (std::size_t row = 0; row < rows; ++row) transforms.push_back(transform_of(row));
  const std::vector<std::uint8_t> bytes = some_bytes(plane.values());
  Trial trial;
  const Array to = trial.space(plane.values(), element);
  trial.run(TakeBytes{.rows = plane,
                      .from = trial.put_bytes(bytes, Home::input),
                      .transforms = trial.put_bytes(transforms, Home::input),
                      .row_weights = trial.put(weights, Precision::f32, Home::step),
                      .to = to});
  CHECK(trial.values(to) == rounded(rows_by_hand(plane, bytes, weights), element));
}

TEST_CASE("bytes subtract what an image has at their own places, mirrored or not",
          "[cudnn][elements]") {
  const Precision element = each_precision();
  const Plane plane = GENERATE(Plane{4, 5, 7, 3}, Plane{3, 6, 6, 1});
  constexpr std::size_t kWidth = 11, kHeight = 9;
  const auto rows = static_cast<std::size_t>(plane.rows);
  const auto width = static_cast<std::size_t>(plane.width);
  const auto channels = static_cast<std::size_t>(plane.channels);
  const Floats image = numbers(kWidth * kHeight * 3, 7);
  std::vector<RowTransform> transforms;
  for (std::size_t row = 0; row < rows; ++row) {
    RowTransform transform;
    transform.flip = row % 2 == 1 ? 1 : 0;
    if (row > 0) {  // the first one needs no image
      transform.left = static_cast<std::int32_t>(row);
      transform.top = static_cast<std::int32_t>(row % 3);
      add_step(transform, {.kind = Kind::subtract_image});
    }
    add_step(transform, {Kind::add, {0.7F, -2.7F, 11.1F}});
    transforms.push_back(transform);
  }
  const std::vector<std::uint8_t> bytes = some_bytes(plane.values());
  Trial trial;
  const Array to = trial.space(plane.values(), element);
  trial.run(TakeBytes{.rows = plane,
                      .from = trial.put_bytes(bytes, Home::input),
                      .transforms = trial.put_bytes(transforms, Home::input),
                      .row_weights = trial.put(Floats(rows, 1.0F), Precision::f32, Home::step),
                      .to = to,
                      .image = trial.put(image, Precision::f32, Home::image),
                      .image_width = static_cast<int>(kWidth)});
  Floats expected(bytes.size());
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const std::size_t x = i / channels % width, y = i / channels / width;
    const std::size_t row = y / static_cast<std::size_t>(plane.height);
    const RowTransform& transform = transforms[row];
    const std::size_t column = transform.flip != 0 ? width - 1 - x : x;
    const std::size_t line = y % static_cast<std::size_t>(plane.height);
    const std::size_t at = (line + static_cast<std::size_t>(transform.top)) * kWidth + column +
                           static_cast<std::size_t>(transform.left);
    expected[i] = by_hand(bytes[i - x * channels + column * channels], transform, i % channels,
                          image[at * 3 + i % channels]);
  }
  CHECK(trial.values(to) == rounded(expected, element));
}

TEST_CASE("dropout drops the units that every backend drops, on a plane and on features",
          "[cudnn][elements]") {
  const Precision element = each_precision();
  const DropoutCase c = GENERATE(from_range(kDropoutCases));
  const std::uint32_t stream = dropout_stream("drop6");
  const Floats in = rounded(numbers(c.plane.values(), 1), element);
  const Floats gradient = rounded(numbers(c.plane.values(), 2), element);
  const Dropout spec{.drop = c.drop, .scaling = Dropout::Scaling::inverted};
  const auto factor = static_cast<float>(1.0 / (1.0 - c.drop));
  Trial trial;
  trial.put_bytes(std::vector{kNumbers}, Home::step);
  const auto units = static_cast<std::size_t>(c.plane.values());
  const Array kept = trial.space_of_bytes(units, Home::program);
  const Array out = trial.space(c.plane.values(), element);
  trial.run(DropoutForward{c.plane, c.drop, factor, stream, trial.put(in, element), out, kept});
  const std::vector<std::uint8_t> mask = channels_last(c.plane, expected_mask(c, stream));
  CHECK(trial.bytes_as<std::uint8_t>(kept, units) == mask);
  Floats expected(in.size());
  reference::dropout_training<float>(spec, in, mask, expected);
  CHECK(trial.values(out) == rounded(expected, element));

  const Array slopes = trial.space(c.plane.values(), element);
  trial.run(DropoutBackward{c.plane.values(), factor, kept, trial.put(gradient, element), slopes});
  reference::dropout_backward<float>(spec, gradient, mask, expected);
  CHECK(trial.values(slopes) == rounded(expected, element));
}

TEST_CASE("dropout in evaluation multiplies every value", "[cudnn][elements]") {
  const Precision element = each_precision();
  const Plane plane{2, 3, 3, 5};
  const Floats in = rounded(numbers(plane.values(), 1), element);
  Trial trial;
  const Array out = trial.space(plane.values(), element);
  trial.run(DropoutForward{
      .plane = plane, .kept_factor = 0.7F, .in = trial.put(in, element), .out = out});
  Floats expected(in.size());
  reference::dropout_evaluation<float>({.drop = 0.3}, in, expected);
  CHECK(trial.values(out) == rounded(expected, element));
}

}  // namespace sluice::cudnn::test
