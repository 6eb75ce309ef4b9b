#include "io/sample_order.h"

#include <numeric>
#include <utility>

#include "runtime/random.h"

namespace sluice::io {

std::vector<std::uint32_t> in_order(std::uint32_t count) {
  std::vector<std::uint32_t> order(count);
  std::iota(order.begin(), order.end(), 0U);
  return order;
}

std::vector<std::uint32_t> sample_order(std::uint32_t count, std::uint64_t seed,
                                        std::uint32_t epoch) {
  std::vector<std::uint32_t> order = in_order(count);
  Random random({.seed = seed, .epoch = epoch, .sample = 0, .stream = stream_id("order")});
  for (std::uint32_t last = count; last > 1; --last) {
    std::swap(order[last - 1], order[random.below(last)]);
  }
  return order;
}

}  // namespace sluice::io
