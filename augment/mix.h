// Rows of a batch made of two images each: MixUp (Zhang et al., "mixup: Beyond Empirical Risk
// Minimization", ICLR 2018) and CutMix (Yun et al., ICCV 2019). One draw a batch; the partner of a
// row is the row before it, of the first the last (torchvision's MixUp and CutMix: the batch rolled
// by one; the order of an epoch is random already).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "augment/decision.h"
#include "runtime/extent.h"
#include "runtime/random.h"

namespace sluice::augment {

// A batch's rows as they lie in its slot: height, width, channels, f32. A row of weight 0 counts
// for nothing: it is neither mixed nor mixed into another.
struct BatchRows {
  std::span<float> values;  // (count, height, width, channels)
  Extent extent;
  int channels = 3;
  std::span<const float> weights;  // (count)

  std::size_t row_values() const {
    return static_cast<std::size_t>(extent.pixels()) * static_cast<std::size_t>(channels);
  }
};

// Part of the partner in each row's loss: its own has the rest. (count); 0 of rows that stay.
using Shares = std::span<float>;

// A sample of Beta(alpha, alpha), alpha > 0, by two gamma variates (Marsaglia and Tsang, ACM TOMS
// 26, 2000): as many draws as it takes.
double beta_sample(Random& random, double alpha);

// row <- lambda row + (1 - lambda) partner, lambda ~ Beta(alpha, alpha); the loss in the same
// parts.
struct MixUp {
  struct Decision {
    double partner = 0.0;  // 1 - lambda

    std::string text() const;  // "mixed with 0.25 of the row before"
    friend bool operator==(const Decision&, const Decision&) = default;
  };

  double alpha = 0.2;  // above 0

  void check() const;
  Decision draw(Random& random) const { return {1.0 - beta_sample(random, alpha)}; }
  // `scratch`: one row.
  void apply(const BatchRows& rows, const Decision& decision, Shares shares,
             std::span<float> scratch) const;
};
static_assert(SmallDecision<MixUp::Decision>);

// A box of the partner replaces that of the row: its sides sqrt(1 - lambda) of the image's, its
// middle anywhere, cut at the borders; the loss in parts of the areas that are seen.
struct CutMix {
  struct Decision {
    Box box;

    std::string text() const;  // "box 56x40 at 12,100 of the row before"
    friend bool operator==(const Decision&, const Decision&) = default;
  };

  double alpha = 1.0;  // above 0

  void check() const;
  Decision draw(Random& random, Extent extent) const;
  void apply(const BatchRows& rows, const Decision& decision, Shares shares,
             std::span<float> scratch) const;
};
static_assert(SmallDecision<CutMix::Decision>);

}  // namespace sluice::augment
