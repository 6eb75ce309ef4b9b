#include "augment/plain/grey.h"

namespace sluice::augment::plain {

void grey(const PixelLoop<std::uint8_t, std::uint8_t>& loop) {
  for (std::size_t i = 0; i < loop.pixels * 3; i += 3) {
    const unsigned sum =
        19595U * loop.from[i] + 38470U * loop.from[i + 1] + 7471U * loop.from[i + 2];
    const auto value = static_cast<std::uint8_t>((sum + (1U << 15)) >> 16);
    loop.to[i] = loop.to[i + 1] = loop.to[i + 2] = value;
  }
}

}  // namespace sluice::augment::plain
