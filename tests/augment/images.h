// Small images for the tests of augment.
#pragma once

#include <cstdint>
#include <vector>

#include "runtime/image.h"
#include "runtime/random.h"

namespace sluice::test {

// From literal values, row by row.
Image u8_image(Extent extent, const std::vector<int>& values);
Image f32_image(Extent extent, const std::vector<float>& values);

// Reproducible bytes; f32 holds other values than whole numbers.
Image noise(Extent extent, PixelType type, std::uint32_t seed = 1);

// All channel values in order, of either type.
std::vector<float> values(ConstImageView image);

// Draws for tests that do not care which.
inline Random some_random(std::uint32_t sample = 0) {
  return Random({.seed = 7, .epoch = 1, .sample = sample, .stream = stream_id("augment/test")});
}

// Draws, makes the target and applies.
template <class Operation>
Image applied(const Operation& operation, const Image& from,
              const typename Operation::Decision& decision) {
  Image to(operation.extent_after(decision, from.extent()), operation.type_after(from.type()));
  operation.apply(from.view(), decision, to.view());
  return to;
}
template <class Operation>
Image applied(const Operation& operation, const Image& from) {
  Random random = some_random();
  return applied(operation, from, operation.draw(random, from.extent()));
}

}  // namespace sluice::test
