#include "runtime/random.h"

#include <cmath>
#include <numbers>

namespace sluice {

double Random::normal() {
  const PhiloxCounter block = philox_block(key_, index_++);
  const auto unit = [](std::uint32_t high, std::uint32_t low) {
    const std::uint64_t both = (static_cast<std::uint64_t>(high) << 32) | low;
    return (static_cast<double>(both >> 11) + 0.5) * 0x1.0p-53;  // never 0
  };
  const double radius = std::sqrt(-2.0 * std::log(unit(block[1], block[0])));
  return radius * std::cos(2.0 * std::numbers::pi * unit(block[3], block[2]));
}

}  // namespace sluice
