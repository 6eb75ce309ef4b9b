// loss = sum over the wrong classes of max(0, score - score[label] + margin), per row.
#pragma once

#include <span>

#include "runtime/backend/reference/targets.h"
#include "runtime/net/layer_spec.h"

namespace sluice::reference {

// `losses`: one a row, not multiplied by its weight.
template <class T>
void hinge_loss_forward(const HingeLoss& hinge, const BatchShapes& shapes,
                        std::span<const T> scores, const Targets& targets, std::span<T> losses);

// Of the sum over rows of weight * loss: weight for each wrong class within the margin, and minus
// their sum for the label. 0 at the hinge itself.
template <class T>
void hinge_loss_backward(const HingeLoss& hinge, const BatchShapes& shapes,
                         std::span<const T> scores, const Targets& targets,
                         std::span<T> score_gradient);

}  // namespace sluice::reference
