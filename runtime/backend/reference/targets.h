// What every loss is told beside the scores, and what softmax-loss and map-loss share.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>

#include "runtime/backend/reference/batch_shapes.h"

namespace sluice::reference {

// What the rows are and how much each counts. A row of weight 0 has loss, gradient and curvature 0;
// its label is not looked at.
struct Targets {
  std::span<const std::int32_t> labels;
  std::span<const float> row_weights;
};

// Calls visit(row, label, weight) for each row that counts.
template <class Visit>
void for_each_counting_row(const Targets& targets, const Visit& visit) {
  for (std::size_t row = 0; row < targets.row_weights.size(); ++row) {
    const double weight = static_cast<double>(targets.row_weights[row]);
    if (weight != 0.0) visit(row, static_cast<std::size_t>(targets.labels[row]), weight);
  }
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
