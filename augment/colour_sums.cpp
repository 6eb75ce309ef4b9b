#include "augment/colour_sums.h"

#include "augment/simd/sums.h"

namespace sluice::augment {
namespace {

ColourSums sums_of_floats(const float* from, std::size_t pixels) {
  ColourSums sums;
  for (std::size_t i = 0; i < pixels * 3; i += 3)
    for (std::size_t c = 0; c < 3; ++c) {
      const double value = static_cast<double>(from[i + c]);
      sums.values[c] += value;
      sums.squares[c] += value * value;
    }
  return sums;
}

}  // namespace

ColourSums colour_sums(ConstImageView image) {
  const auto pixels = static_cast<std::size_t>(image.extent.pixels());
  if (pixels == 0) return {};
  if (image.type == PixelType::f32) return sums_of_floats(image.f32(0), pixels);
  const ByteSums bytes = simd::sums(image.u8(0), pixels);
  ColourSums sums;
  for (std::size_t c = 0; c < 3; ++c) {
    sums.values[c] = static_cast<double>(bytes.values[c]);
    sums.squares[c] = static_cast<double>(bytes.squares[c]);
  }
  return sums;
}

double mean_grey(ConstImageView image) {
  const auto pixels = static_cast<double>(image.extent.pixels());
  if (pixels == 0) return 0;
  const ColourSums sums = colour_sums(image);
  return (0.299 * sums.values[0] + 0.587 * sums.values[1] + 0.114 * sums.values[2]) / pixels;
}

}  // namespace sluice::augment
