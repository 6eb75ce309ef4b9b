#include "augment/histogram.h"

#include "augment/pixel_loop.h"

namespace sluice::augment {

Histograms histograms(ConstImageView image) {
  Histograms counted{};
  const std::size_t values = static_cast<std::size_t>(image.extent.pixels()) * kChannels;
  if (image.type == PixelType::u8) {
    const std::uint8_t* from = image.u8(0);
    for (std::size_t i = 0; i < values; i += 3) {
      ++counted[0][from[i]];
      ++counted[1][from[i + 1]];
      ++counted[2][from[i + 2]];
    }
  } else {
    const float* from = image.f32(0);
    for (std::size_t i = 0; i < values; ++i) ++counted[i % 3][to_byte(from[i])];
  }
  return counted;
}

}  // namespace sluice::augment
