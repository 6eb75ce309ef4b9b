#include "runtime/backend/cudnn/plan.h"

#include <algorithm>

#include "runtime/backend/cudnn/draft.h"

namespace sluice::cudnn {
namespace {

void add_update(Draft& draft) {
  const ParameterArrangement& parameters = draft.of.parameters;
  if (parameters.count() == 0) return;
  draft.plan.update.push_back({"parameters", Update{.form = update_form(draft.of.options.rule),
                                                    .first = parameters.first(),
                                                    .factors = draft.plan.step.factors,
                                                    .values = parameters.all_values(),
                                                    .gradients = parameters.all_gradients(),
                                                    .velocities = parameters.all_velocities()}});
}

std::size_t layer_named(const Net& net, const std::string& name) {
  return static_cast<std::size_t>(std::ranges::find(net.layers, name, &Layer::name) -
                                  net.layers.begin());
}

}  // namespace

const std::vector<Operation>& Plan::phase(Phase phase) const {
  switch (phase) {
    case Phase::forward:
      return forward;
    case Phase::backward:
    case Phase::curvature:
      break;
    case Phase::update:
      return update;
  }
  return backward;
}

Plan plan_program(const PlanOptions& of) {
  Draft draft(of);
  add_forward(draft);
  if (draft.training()) {
    add_backward(draft);
    add_update(draft);
  }
  for (const std::string& name : of.options.keep)
    draft.plan.kept.push_back(draft.results[layer_named(of.net, name)]);
  return std::move(draft).place();
}

int launches(const std::vector<Operation>& operations) {
  int count = 0;
  for (const Operation& operation : operations)
    count += std::holds_alternative<BiasGradient>(operation.what) ? 2 : 1;
  return count;
}

}  // namespace sluice::cudnn
