// What moves a parameter in a step: the rule, the layer's own factors and the step's, multiplied
// once for all backends, so that they differ in rounding only.
//
// Pure functions; any thread.
#pragma once

#include "runtime/backend/backend.h"

namespace sluice {

// Of one parameter in one step, products in double. With g = sum of gradients / rows + l2 w +
// l1 sign(w), sign(0) = 0, backend.h gives the arithmetic.
struct UpdateFactors {
  double rate = 0.0;  // of the step x of the layer in this step x of the layer's weights or biases
  double rows = 1.0;  // behind the gradient sum; positive
  // SgdRule, else 0. Decay: of the rule x of the layer's weights or biases.
  double momentum = 0.0;
  double l2 = 0.0;
  double l1 = 0.0;
  // DiagonalLmRule, else 0.
  double damping = 0.0;
  // The layer is frozen, or its rate in this step is 0: neither values nor velocity change. A
  // step's rate of 0 is something else: momentum moves on.
  bool still = false;
};

// `rows`: sum of the row weights behind the gradient, positive. `input` has passed
// `check_layer_rates`.
UpdateFactors update_factors(const UpdateRule& rule, const Net& net, const ParameterInfo& parameter,
                             const StepInput& input, double rows);

// Throws Error{usage} for a negative momentum or decay, a damping that is not positive, and a net
// with a layer that DiagonalLmRule has no second derivatives for (reference/curvature.h).
void check_rule(const Net& net, const UpdateRule& rule);
[[noreturn]] void refuse_curvature(const Layer& layer);

// Throws Error{usage} where an update's `layer_rates` are not one a layer.
void check_layer_rates(const Net& net, const StepInput& input);

}  // namespace sluice
