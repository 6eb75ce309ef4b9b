#include "tests/runtime/cudnn_trial.h"

#include <algorithm>
#include <cmath>

#include "runtime/backend/cudnn/elements/values.h"
#include "runtime/random.h"

namespace sluice::cudnn::test {
namespace {

constexpr std::size_t kBlock = std::size_t{4} << 20;
constexpr std::size_t kAlignment = 256;

}  // namespace

Trial::Trial() {
  for (std::vector<std::byte>& block : blocks_) block.assign(kBlock, std::byte{0xFF});
}

Memory Trial::memory() const {
  Memory memory;
  for (std::size_t home = 0; home < kHomes; ++home) memory.blocks[home] = blocks_[home].data();
  return memory;
}

Array Trial::space_of_bytes(std::size_t bytes, Home home) {
  std::size_t& used = used_[static_cast<std::size_t>(home)];
  const Array array{.home = home, .offset = used, .count = static_cast<std::int64_t>(bytes)};
  used += (bytes + kAlignment - 1) / kAlignment * kAlignment;
  if (used > kBlock) throw std::bad_alloc();
  return array;
}

Array Trial::space(std::int64_t count, Precision element, Home home) {
  Array array = space_of_bytes(static_cast<std::size_t>(count) * element_bytes(element), home);
  array.count = count;
  array.element = element;
  return array;
}

Array Trial::put(const Floats& values, Precision element, Home home) {
  const Array array = space(static_cast<std::int64_t>(values.size()), element, home);
  const elements::Target to(memory(), array);
  for (std::size_t i = 0; i < values.size(); ++i) {
    to.store(static_cast<std::int64_t>(i), values[i]);
  }
  return array;
}

void Trial::run(OperationKind what) const {
  const Operation operation{"layer", std::move(what)};
  run_on_host(std::span(&operation, 1), memory());
}

Floats Trial::values(const Array& array) const {
  const elements::AnyValues from(memory(), array);
  Floats values(static_cast<std::size_t>(array.count));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = from[static_cast<std::int64_t>(i)];
  return values;
}

Floats numbers(std::int64_t count, std::uint32_t seed) {
  Random random(RandomKey{.seed = seed, .stream = stream_id("numbers")});
  Floats values(static_cast<std::size_t>(count));
  for (float& value : values) value = static_cast<float>(2.0 * random.uniform() - 1.0);
  return values;
}

Floats rounded(const Floats& values, Precision element) {
  Floats to = values;
  if (element == Precision::f32) return to;
  for (float& value : to) value = to_float(rounded_to<Bf16>(value));
  return to;
}

Doubles widened(const Floats& values) { return {values.begin(), values.end()}; }

std::size_t canonical_index(const Plane& plane, std::size_t i) {
  const auto channels = static_cast<std::size_t>(plane.channels);
  const auto pixels =
      static_cast<std::size_t>(plane.height) * static_cast<std::size_t>(plane.width);
  const std::size_t row = i / (channels * pixels), pixel = i / channels % pixels;
  return (row * channels + i % channels) * pixels + pixel;
}

reference::BatchShapes shapes(const Plane& in, const Plane& out) {
  return {.rows = in.rows,
          .in = Shape{in.channels, in.height, in.width},
          .out = Shape{out.channels, out.height, out.width}};
}

bool close(const Floats& values, const Doubles& expected, Precision element) {
  if (values.size() != expected.size()) return false;
  double apart = 0.0, norm = 0.0, largest = 0.0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double difference = static_cast<double>(values[i]) - expected[i];
    apart += difference * difference;
    norm += expected[i] * expected[i];
    largest = std::max(largest, std::abs(expected[i]));
  }
  if (element == Precision::f32) return std::sqrt(apart) <= 1e-6 * std::sqrt(norm);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double difference = std::abs(static_cast<double>(values[i]) - expected[i]);
    if (!(difference <= 0x1.01p-8 * std::abs(expected[i]) + 1e-6 * largest)) return false;
  }
  return true;
}

}  // namespace sluice::cudnn::test
