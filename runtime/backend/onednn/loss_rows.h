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

// dst: loss(scores, label) of each row, 0 where the row's weight is 0.
template <class Loss>
void row_losses(const Pass& pass, LossSize size, const Loss& loss) {
  const float* const src = pass.src.as<float>();
  float* const dst = pass.dst.as<float>();
  parallel_ranges(size.batch, kLossRows, [&](std::size_t first, std::size_t end) {
    for (std::size_t row = first; row < end; ++row) {
      dst[row] = 0.0F;
      if (pass.input.row_weights[row] == 0.0F) continue;
      const auto label = static_cast<std::size_t>(pass.input.labels[row]);
      dst[row] = static_cast<float>(loss(std::span(src + row * size.classes, size.classes), label));
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
        const auto label = static_cast<std::size_t>(pass.input.labels[row]);
        const auto slope = slopes(LossRow{{src + row * size.classes, size.classes}, label, weight});
        for (std::size_t c = 0; c < size.classes; ++c) {
          out[c] = rounded_to<T>(static_cast<float>(slope(c)));
        }
      }
    });
  });
}

}  // namespace sluice::onednn
