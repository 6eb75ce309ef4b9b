// What the losses do with each row: those that do not count are left out. Scores and losses are f32
// whatever the net is computed in.
#pragma once

#include <algorithm>
#include <span>

#include "runtime/backend/onednn/layer.h"
#include "runtime/backend/onednn/parallel.h"

namespace sluice::onednn {

struct LossSize {
  std::size_t batch, classes;
};

struct LossRow {
  std::span<const float> scores;
  std::size_t label;
  double weight;  // not 0
};

inline constexpr std::size_t kLossRows = 4;  // a piece

// Of a row that is made of two images; share 0: of none.
struct OtherLabel {
  std::size_t label = 0;
  double share = 0.0;
};
inline OtherLabel other_label(const Pass& pass, std::size_t row) {
  if (pass.input.other_shares.empty() || pass.input.other_shares[row] == 0.0F) return {};
  return {static_cast<std::size_t>(pass.input.other_labels[row]),
          static_cast<double>(pass.input.other_shares[row])};
}

// dst: loss(scores, label) of each row (of both labels by their shares), 0 where the row's weight
// is 0.
template <class Loss>
void row_losses(const Pass& pass, LossSize size, const Loss& loss) {
  const float* const src = pass.src.as<float>();
  float* const dst = pass.dst.as<float>();
  parallel_ranges(size.batch, kLossRows, [&](std::size_t first, std::size_t end) {
    for (std::size_t row = first; row < end; ++row) {
      dst[row] = 0.0F;
      if (pass.input.row_weights[row] == 0.0F) continue;
      const std::span<const float> scores(src + row * size.classes, size.classes);
      const auto label = static_cast<std::size_t>(pass.input.labels[row]);
      const OtherLabel other = other_label(pass, row);
      double sum = loss(scores, label);
      if (other.share != 0.0)
        sum = (1.0 - other.share) * sum + other.share * loss(scores, other.label);
      dst[row] = static_cast<float>(sum);
    }
  });
}

// diff_src: `slopes(row)` gives for a row that counts a function of the class, other rows get 0.
template <class Slopes>
void row_slopes(const Pass& pass, LossSize size, const Slopes& slopes) {
  const float* const src = pass.src.as<float>();
  with_element(pass.diff_src.element, [&]<class T>(T) {
    T* const diff_src = pass.diff_src.as<T>();
    parallel_ranges(size.batch, kLossRows, [&](std::size_t first, std::size_t end) {
      for (std::size_t row = first; row < end; ++row) {
        T* const out = diff_src + row * size.classes;
        std::fill_n(out, size.classes, T{});
        const auto weight = static_cast<double>(pass.input.row_weights[row]);
        if (weight == 0.0) continue;
        const std::span<const float> scores(src + row * size.classes, size.classes);
        const auto label = static_cast<std::size_t>(pass.input.labels[row]);
        const OtherLabel other = other_label(pass, row);
        const auto slope = slopes(LossRow{scores, label, weight * (1.0 - other.share)});
        if (other.share == 0.0) {
          for (std::size_t c = 0; c < size.classes; ++c)
            out[c] = rounded_to<T>(static_cast<float>(slope(c)));
          continue;
        }
        const auto second = slopes(LossRow{scores, other.label, weight * other.share});
        for (std::size_t c = 0; c < size.classes; ++c)
          out[c] = rounded_to<T>(static_cast<float>(slope(c) + second(c)));
      }
    });
  });
}

// The same for a program for row gradients: 1 at the label, whatever the loss.
inline void label_slopes(const Pass& pass, LossSize size) {
  row_slopes(pass, size, [](const LossRow& row) {
    return [row](std::size_t c) { return c == row.label ? row.weight : 0.0; };
  });
}

}  // namespace sluice::onednn
