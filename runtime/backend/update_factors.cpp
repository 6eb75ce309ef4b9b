#include "runtime/backend/update_factors.h"

#include "runtime/error.h"

namespace sluice {
namespace {

struct RoleFactors {
  double rate;
  double decay;
};

RoleFactors role_factors(const Learning& learning, ParameterRole role) {
  if (role == ParameterRole::weights) return {learning.weight_rate, learning.weight_decay};
  return {learning.bias_rate, learning.bias_decay};
}

// What the rule itself adds.
struct FromRule {
  double decay;  // factor of the layer

  UpdateFactors operator()(const SgdRule& sgd) const {
    UpdateFactors factors;
    factors.momentum = sgd.momentum;
    factors.l2 = sgd.l2 * decay;
    factors.l1 = sgd.l1 * decay;
    return factors;
  }
  UpdateFactors operator()(const DiagonalLmRule& lm) const {
    UpdateFactors factors;
    factors.damping = lm.damping;
    return factors;
  }
};

// Throws for a layer without second derivatives.
struct RequireCurvature {
  const Layer& layer;

  void operator()(const Conv2d&) const {}
  void operator()(const PartialConv2d&) const {}
  void operator()(const Relu&) const {}
  void operator()(const Tanh&) const {}
  void operator()(const Lrn&) const { refuse_curvature(layer); }
  void operator()(const SameMapLrn&) const { refuse_curvature(layer); }
  void operator()(const MaxPool&) const {}
  void operator()(const Subsample&) const {}
  void operator()(const FullyConnected&) const {}
  void operator()(const Dropout&) const { refuse_curvature(layer); }
  void operator()(const Windows&) const { refuse_curvature(layer); }
  void operator()(const WindowMean&) const { refuse_curvature(layer); }
  void operator()(const Rbf&) const {}
  void operator()(const SoftmaxLoss&) const {}
  void operator()(const HingeLoss&) const { refuse_curvature(layer); }
  void operator()(const MapLoss&) const {}
};

struct CheckRule {
  const Net& net;

  void operator()(const SgdRule& sgd) const {
    require(sgd.momentum >= 0.0 && sgd.l2 >= 0.0 && sgd.l1 >= 0.0,
            "net {}: momentum {}, l2 {} and l1 {} must not be negative", net.name, sgd.momentum,
            sgd.l2, sgd.l1);
  }
  void operator()(const DiagonalLmRule& lm) const {
    require(lm.damping > 0.0, "net {}: damping {} must be positive", net.name, lm.damping);
    for (const Layer& layer : net.layers) std::visit(RequireCurvature{layer}, layer.spec);
  }
};

}  // namespace

void check_rule(const Net& net, const UpdateRule& rule) { std::visit(CheckRule{net}, rule); }

void refuse_curvature(const Layer& layer) {
  fail(ErrorKind::usage,
       "layer {}: {} has no second derivatives for diagonal Levenberg-Marquardt, valid is sgd",
       layer.name, layer_kind(layer.spec));
}

UpdateFactors update_factors(const UpdateRule& rule, const Net& net, const ParameterInfo& parameter,
                             const StepInput& input, double rows) {
  const Learning& learning = net.layers[parameter.layer].learning;
  const RoleFactors of_layer = role_factors(learning, parameter.role);
  const double in_step = input.layer_rates.empty() ? 1.0 : input.layer_rates[parameter.layer];
  UpdateFactors factors = std::visit(FromRule{of_layer.decay}, rule);
  factors.rate = input.rate * in_step * of_layer.rate;
  factors.rows = rows;
  factors.still = learning.frozen || in_step == 0.0;
  return factors;
}

void check_layer_rates(const Net& net, const StepInput& input) {
  require(input.layer_rates.empty() || input.layer_rates.size() == net.layers.size(),
          "net {}: {} layer rates in a step, valid is none or one for each of the {} layers",
          net.name, input.layer_rates.size(), net.layers.size());
}

}  // namespace sluice
