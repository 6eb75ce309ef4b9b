#include "augment/plain/displacements.h"

namespace sluice::augment::plain {

void displacements(std::uint64_t seed, int y, std::span<float> across, std::span<float> down) {
  for (std::size_t x = 0; x < across.size(); ++x) {
    const PhiloxCounter words =
        philox({static_cast<std::uint32_t>(x / 4), static_cast<std::uint32_t>(y), 0, 0},
               displacement_key(seed));
    across[x] = displacement(words[x % 4] & 0xFFFFU);
    down[x] = displacement(words[x % 4] >> 16);
  }
}

}  // namespace sluice::augment::plain
