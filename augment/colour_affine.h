// Colour operations as 3x4 matrices on float RGB (0 to 255, unclamped).
#pragma once

#include <array>
#include <cstddef>

namespace sluice::augment {

using Rgb = std::array<float, 3>;

// out[r] = sum over c of factor[r][c] * in[c], + offset[r].
struct ColourAffine {
  std::array<Rgb, 3> factor{{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
  Rgb offset{};

  constexpr Rgb operator()(const Rgb& in) const {
    Rgb out = offset;
    for (std::size_t r = 0; r < 3; ++r)
      for (std::size_t c = 0; c < 3; ++c) out[r] += factor[r][c] * in[c];
    return out;
  }
  friend bool operator==(const ColourAffine&, const ColourAffine&) = default;
};

// `first`, then `second`, as one matrix. Rounding differs from applying them one after the other.
constexpr ColourAffine chained(const ColourAffine& first, const ColourAffine& second) {
  ColourAffine both;
  both.offset = second(first.offset);
  for (std::size_t r = 0; r < 3; ++r)
    for (std::size_t c = 0; c < 3; ++c) {
      both.factor[r][c] = 0;
      for (std::size_t k = 0; k < 3; ++k)
        both.factor[r][c] += second.factor[r][k] * first.factor[k][c];
    }
  return both;
}

}  // namespace sluice::augment
