#include "augment/standardise.h"

#include <algorithm>
#include <cmath>

#include "augment/colour_sums.h"
#include "augment/simd/matrix.h"
#include "augment/simd/tone.h"

namespace sluice::augment {
namespace {

// out = factor x in + offset for values of these sums.
Tone tone_of(double sum, double squares, double count) {
  const double mean = sum / count;
  const double variance = std::max(0.0, squares / count - mean * mean);
  const double deviation = std::max(std::sqrt(variance), 1 / std::sqrt(count));
  return {.factor = static_cast<float>(1 / deviation),
          .offset = static_cast<float>(-mean / deviation)};
}

}  // namespace

void Standardise::apply(ConstImageView in, const Decision&, ImageView out) const {
  const auto pixels = static_cast<double>(in.extent.pixels());
  if (pixels == 0) return;
  const ColourSums sums = colour_sums(in);
  if (by == StandardiseBy::image) {
    const Tone tone = tone_of(sums.values[0] + sums.values[1] + sums.values[2],
                              sums.squares[0] + sums.squares[1] + sums.squares[2], 3 * pixels);
    return with_pixels(in, out, [&](const auto& loop) { simd::tone(loop, tone); });
  }
  ColourAffine affine;
  for (std::size_t c = 0; c < 3; ++c) {
    const Tone tone = tone_of(sums.values[c], sums.squares[c], pixels);
    affine.factor[c][c] = tone.factor;
    affine.offset[c] = tone.offset;
  }
  with_pixels(in, out, [&](const auto& loop) { simd::matrix(loop, affine); });
}

}  // namespace sluice::augment
