#include "augment/plain/sums.h"

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

}  // namespace sluice::augment::plain
