// Cross-entropy of the softmax: loss = log(sum of exp(score)) - score[label], per row.
#pragma once

#include <cstdint>
#include <span>

#include "runtime/backend/reference/batch_shapes.h"

namespace sluice::reference {

// What the rows are and how much each counts. A row of weight 0 has loss and gradient 0; its label
// is not looked at.
struct Targets {
  std::span<const std::int32_t> labels;
  std::span<const float> row_weights;
};

// `losses`: one a row, not multiplied by its weight.
template <class T>
void softmax_loss_forward(const BatchShapes& shapes, std::span<const T> scores,
                          const Targets& targets, std::span<T> losses);

// Of the sum over rows of weight * loss: (softmax - onehot(label)) * weight.
template <class T>
void softmax_loss_backward(const BatchShapes& shapes, std::span<const T> scores,
                           const Targets& targets, std::span<T> score_gradient);

}  // namespace sluice::reference
