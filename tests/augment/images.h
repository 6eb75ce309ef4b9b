// Small images for the tests of augment.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <span>
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

// Exactly so many bytes, as an operation is handed them. Not from a rounded block: AddressSanitizer
// then sees a byte beyond.
class Scratch {
 public:
  explicit Scratch(std::size_t bytes)
      : data_(static_cast<std::byte*>(::operator new(bytes, kAlignment))), size_(bytes) {
    std::memset(data_, 0xA5, size_);  // nobody may count on zeros
  }
  ~Scratch() { ::operator delete(data_, kAlignment); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  std::span<std::byte> bytes() const { return {data_, size_}; }

 private:
  static constexpr std::align_val_t kAlignment{64};
  std::byte* data_;
  std::size_t size_;
};

// The two resizes, `to` as large as wished.
void antialiased(const Image& from, Image& to);
void bilinear(const Image& from, Image& to);

// Draws, makes the target and applies.
template <class Operation>
Image applied(const Operation& operation, const Image& from,
              const typename Operation::Decision& decision) {
  Image to(operation.extent_after(decision, from.extent()), operation.type_after(from.type()));
  if constexpr (requires { operation.scratch_bytes(decision, from.extent(), from.type()); }) {
    const Scratch scratch(operation.scratch_bytes(decision, from.extent(), from.type()));
    operation.apply(from.view(), decision, to.view(), scratch.bytes());
  } else {
    operation.apply(from.view(), decision, to.view());
  }
  return to;
}
template <class Operation>
Image applied(const Operation& operation, const Image& from) {
  Random random = some_random();
  return applied(operation, from, operation.draw(random, from.extent()));
}

}  // namespace sluice::test
