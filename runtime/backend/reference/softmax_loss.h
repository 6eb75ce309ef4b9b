// Cross-entropy of the softmax: loss = log(sum of exp(score)) - score[label], per row.
#pragma once

#include <span>

#include "runtime/backend/reference/targets.h"

namespace sluice::reference {

// `losses`: one a row, not multiplied by its weight.
template <class T>
void softmax_loss_forward(const BatchShapes& shapes, std::span<const T> scores,
                          const Targets& targets, std::span<T> losses);

// Of the sum over rows of weight * loss: (softmax - onehot(label)) * weight.
template <class T>
void softmax_loss_backward(const BatchShapes& shapes, std::span<const T> scores,
                           const Targets& targets, std::span<T> score_gradient);

// softmax (1 - softmax) * weight (curvature.h).
template <class T>
void softmax_loss_curvature(const BatchShapes& shapes, std::span<const T> scores,
                            const Targets& targets, std::span<T> score_curvature);

}  // namespace sluice::reference
