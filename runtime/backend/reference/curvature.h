// Second derivatives of the loss by the Gauss-Newton approximation, kept on the diagonal, as
// stochastic diagonal Levenberg-Marquardt needs them (LeCun et al. 1998, appendix C).
//
// With h(u) for d2E/du2 of a row's loss E, every layer but the losses follows one rule, for v an
// input or a parameter of the layer and o its outputs:
//     h(v) = sum over o of (do/dv)^2 h(o)
// which for a = sum of w x reads h(w) = sum over uses of x^2 h(a), h(x) = sum of w^2 h(a), and for
// y = f(a) reads h(a) = f'(a)^2 h(y): mixed derivatives and terms with f'' are dropped. No term is
// negative, so neither is any h, and rate / (damping + h) never turns a step uphill.
//
// Losses begin with the exact diagonal d2E/ds_c^2 = p_c (1 - p_c) of softmax-loss and map-loss, p_c
// the share of exp(s_c) in the sum inside the logarithm (map-loss: garbage included).
//
// Codes (Rbf) begin anew: h(x_i) = 2, of the squared distance to the row's own code, whatever the
// scores. Squared distances are what the Gauss-Newton approximation is made for, and theirs does
// not vanish: with the loss's own terms (p (1 - p), and 2 p of the garbage class for the distances)
// a row that is told apart well has none, so that a second pass divided by the damping alone and
// undid the first (loss 6.5 in pass 1, 36 in pass 2: backend/reference/README.md).
#pragma once

#include "runtime/backend/backend.h"
#include "runtime/backend/reference/net_runner.h"

namespace sluice::reference {

// A forward and its second derivatives in f32 on canonical copies; then each parameter's `velocity`
// is their mean over rows, each times its weight, in the parameter's layout. Frozen layers keep
// theirs, and where no row counts all do. `state` must have been prepared for training and be held
// by the caller's phase; `input` as for a forward. Throws Error{usage} naming a
// layer without second derivatives (`check_rule` refuses such nets when they are compiled).
void mean_curvature(const Net& net, NetState& state, const StepInput& input);
// Bytes that it takes meanwhile for a batch of `batch` rows.
std::size_t mean_curvature_bytes(const Net& net, int batch);

// The same behind a forward that `runner` has done; `rows`: sum of its row weights.
void mean_curvature(const Net& net, NetState& state, NetRunner<float>& runner, double rows);

}  // namespace sluice::reference
