// What every loss is told beside the scores, and what softmax-loss and map-loss share.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>

#include "runtime/backend/reference/batch_shapes.h"

namespace sluice::reference {

// What the rows are and how much each counts. A row of weight 0 has loss, gradient and curvature 0;
// its label is not looked at. Other labels and shares as in StepInput.
struct Targets {
  std::span<const std::int32_t> labels;
  std::span<const float> row_weights;
  std::span<const std::int32_t> other_labels{};
  std::span<const float> other_shares{};
};

// One label of a row that counts.
struct TargetRow {
  std::size_t row = 0;
  std::size_t label = 0;
  double weight = 1.0;  // of the row
  double share = 1.0;   // of the label in the row's loss
};

// Calls visit(TargetRow) for each label of each row that counts.
template <class Visit>
void for_each_target(const Targets& targets, const Visit& visit) {
  for (std::size_t row = 0; row < targets.row_weights.size(); ++row) {
    const double weight = static_cast<double>(targets.row_weights[row]);
    if (weight == 0.0) continue;
    const double other =
        targets.other_shares.empty() ? 0.0 : static_cast<double>(targets.other_shares[row]);
    const auto label = static_cast<std::size_t>(targets.labels[row]);
    visit(TargetRow{row, label, weight, 1.0 - other});
    if (other == 0.0) continue;
    visit(TargetRow{row, static_cast<std::size_t>(targets.other_labels[row]), weight, other});
  }
}

// Where a program for row gradients starts: 1 at the score of each row's label, times its weight.
template <class T>
void label_slopes(std::size_t classes, const Targets& targets, std::span<T> score_gradient) {
  std::ranges::fill(score_gradient, T{0});
  for_each_target(targets, [&](const TargetRow& target) {
    score_gradient[target.row * classes + target.label] +=
        static_cast<T>(target.weight * target.share);
  });
}

// log(exp(extra) + sum of exp(score)), shifted by the largest so that nothing overflows; `extra`
// may be minus infinity.
template <class T>
double log_sum_exp(std::span<const T> scores, double extra) {
  double largest = extra;
  for (const T score : scores) largest = std::max(largest, static_cast<double>(score));
  double sum = std::exp(extra - largest);
  for (const T score : scores) sum += std::exp(static_cast<double>(score) - largest);
  return largest + std::log(sum);
}

}  // namespace sluice::reference
