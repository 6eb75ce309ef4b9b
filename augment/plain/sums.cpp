#include "augment/plain/sums.h"

#include <algorithm>

namespace sluice::augment::plain {

ByteSums sums(const std::uint8_t* from, std::size_t pixels) {
  ByteSums result;
  for (std::size_t i = 0; i < pixels * 3; i += 3)
    for (std::size_t c = 0; c < 3; ++c) {
      const std::uint64_t value = from[i + c];
      result.values[c] += value;
      result.squares[c] += value * value;
    }
  return result;
}

ByteExtremes extremes(const std::uint8_t* from, std::size_t pixels) {
  ByteExtremes found;
  for (std::size_t i = 0; i < pixels * 3; ++i) {
    found.lowest[i % 3] = std::min(found.lowest[i % 3], from[i]);
    found.highest[i % 3] = std::max(found.highest[i % 3], from[i]);
  }
  return found;
}

}  // namespace sluice::augment::plain
