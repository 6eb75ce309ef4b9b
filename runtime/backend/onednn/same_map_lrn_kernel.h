// Normalisation within a map, of one row of pixels with channels side by side: windows are summed
// over rows first, then along the row. As kernels.h.
#pragma once

#include <cstddef>
#include <span>

#include "runtime/backend/onednn/element.h"

namespace sluice::onednn::kernels {

struct SameMapFactors {
  float alpha;  // of one pixel
  float beta;
  float k;
};

// One row of pixels.
struct SameMapRow {
  std::size_t count;     // values
  std::size_t channels;  // from one pixel to the next
  std::size_t half;      // pixels that a window sees on each side
  // The sums of windows over rows, behind `half` pixels of zeros and before as many.
  const float* columns;
};

// sums[i] = sum over rows of row[i]^2, or of row[i].
void sum_squares(std::span<const float* const> rows, std::size_t count, float* sums);
void sum_squares(std::span<const Bf16* const> rows, std::size_t count, float* sums);
void sum_values(std::span<const float* const> rows, std::size_t count, float* sums);

// With columns of squares: s = k + alpha x the window's sum; to = from s^-beta.
void same_map_lrn(const SameMapFactors& factors, const SameMapRow& row, const float* from,
                  float* to);
void same_map_lrn(const SameMapFactors& factors, const SameMapRow& row, const Bf16* from, Bf16* to);

// What backward makes of a row before windows are summed: direct = gradient s^-beta and
// terms = direct from / s.
struct SameMapTerms {
  float* direct;
  float* terms;
};
void same_map_terms(const SameMapFactors& factors, const SameMapRow& row, const float* from,
                    const float* gradient, const SameMapTerms& result);
void same_map_terms(const SameMapFactors& factors, const SameMapRow& row, const Bf16* from,
                    const Bf16* gradient, const SameMapTerms& result);

// With columns of terms: to = direct - 2 alpha beta from x the window's sum.
void same_map_lrn_backward(const SameMapFactors& factors, const SameMapRow& row, const float* from,
                           const float* direct, float* to);
void same_map_lrn_backward(const SameMapFactors& factors, const SameMapRow& row, const Bf16* from,
                           const float* direct, Bf16* to);

}  // namespace sluice::onednn::kernels
