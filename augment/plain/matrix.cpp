#include "augment/plain/matrix.h"

namespace sluice::augment::plain {
namespace {

template <class From, class To>
void matrix_any(const PixelLoop<From, To>& loop, const ColourAffine& affine) {
  for (std::size_t i = 0; i < loop.pixels * 3; i += 3) {
    const auto red = static_cast<float>(loop.from[i]);
    const auto green = static_cast<float>(loop.from[i + 1]);
    const auto blue = static_cast<float>(loop.from[i + 2]);
    for (std::size_t c = 0; c < 3; ++c) {
      const Rgb& row = affine.factor[c];
      loop.to[i + c] =
          to_value<To>(row[0] * red + row[1] * green + row[2] * blue + affine.offset[c]);
    }
  }
}

}  // namespace

void matrix(const PixelLoop<std::uint8_t, std::uint8_t>& loop, const ColourAffine& affine) {
  matrix_any(loop, affine);
}
void matrix(const PixelLoop<std::uint8_t, float>& loop, const ColourAffine& affine) {
  matrix_any(loop, affine);
}
void matrix(const PixelLoop<float, float>& loop, const ColourAffine& affine) {
  matrix_any(loop, affine);
}

}  // namespace sluice::augment::plain
