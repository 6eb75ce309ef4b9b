// loss = log(exp(-garbage) + sum of exp(score)) - score[label], per row: the softmax's
// cross-entropy with one more class whose score is fixed.
#pragma once

#include <span>

#include "runtime/backend/reference/targets.h"
#include "runtime/net/layer_spec.h"

namespace sluice::reference {

// `losses`: one a row, not multiplied by its weight.
template <class T>
void map_loss_forward(const MapLoss& loss, const BatchShapes& shapes, std::span<const T> scores,
                      const Targets& targets, std::span<T> losses);

// Of the sum over rows of weight * loss: (p - onehot(label)) * weight, p the class's share of the
// sum, garbage included.
template <class T>
void map_loss_backward(const MapLoss& loss, const BatchShapes& shapes, std::span<const T> scores,
                       const Targets& targets, std::span<T> score_gradient);

// p (1 - p) * weight (curvature.h).
template <class T>
void map_loss_curvature(const MapLoss& loss, const BatchShapes& shapes, std::span<const T> scores,
                        const Targets& targets, std::span<T> score_curvature);

}  // namespace sluice::reference
