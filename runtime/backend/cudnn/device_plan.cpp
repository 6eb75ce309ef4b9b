// What `describe` tells of a program.
#include <algorithm>

#include "runtime/backend/cudnn/program.h"

namespace sluice::cudnn {
namespace {

DevicePlan::List list_of(const char* phase, const std::vector<Operation>& operations,
                         const std::vector<Choice>& choices) {
  DevicePlan::List list{.phase = phase, .launches = launches(operations), .steps = {}};
  for (const Operation& operation : operations) {
    const std::string name = operation_name(operation.what);
    const auto chosen = std::ranges::find_if(choices, [&](const Choice& choice) {
      return choice.layer == operation.layer && choice.operation == name;
    });
    list.steps.push_back({.layer = operation.layer,
                          .operation = name,
                          .implementation = chosen == choices.end() ? "" : chosen->implementation});
  }
  return list;
}

std::string order_of(const ParameterInfo& info) {
  return info.shape.rank() == 4 ? "out, y, x, in" : "out, (y, x, in)";
}

std::vector<DevicePlan::Layout> layouts_of(const Net& net, const ParameterArrangement& parameters) {
  std::vector<DevicePlan::Layout> layouts;
  const std::vector<ParameterInfo> infos = sluice::parameters(net);
  for (std::size_t i = 0; i < infos.size(); ++i) {
    if (dynamic_cast<const ChannelsLast*>(parameters.layout(i).get()) == nullptr) continue;
    layouts.push_back({.parameter = infos[i].file_name, .order = order_of(infos[i])});
  }
  return layouts;
}

std::vector<Operation> joined(const std::vector<Operation>& a, const std::vector<Operation>& b) {
  std::vector<Operation> all = a;
  all.insert(all.end(), b.begin(), b.end());
  return all;
}

}  // namespace

DevicePlan CudnnProgram::device_plan() const {
  const ParameterArrangement parameters(net_);
  std::vector<Choice> choices;
  if (step_ != nullptr) choices = step_->choices();
  DevicePlan plan;
  plan.lists.push_back(list_of("forward", joined(plan_.take_rows, plan_.forward), choices));
  if (training()) {
    plan.lists.push_back(list_of("backward", plan_.backward, choices));
    plan.lists.push_back(list_of("update", plan_.update, choices));
  }
  plan.layouts = layouts_of(net_, parameters);
  plan.parameter_bytes = parameters.parameters_bytes();
  if (training()) plan.parameter_bytes += parameters.learning_bytes();
  if (options_.precision == Precision::bf16) plan.parameter_bytes += parameters.rounded_bytes();
  plan.activation_bytes = plan_.program_bytes;
  plan.unshared_bytes = plan_.unshared_bytes;
  plan.input_bytes = kUploadSlots * static_cast<std::size_t>(plan_.input_values) * sizeof(float);
  plan.step_bytes = plan_.step.bytes;
  if (step_ != nullptr) plan.library_bytes = step_->library_bytes();
  return plan;
}

std::optional<DevicePlan> device_plan(const Program& program) {
  const auto* ours = dynamic_cast<const CudnnProgram*>(&program);
  if (ours == nullptr) return std::nullopt;
  return ours->device_plan();
}

}  // namespace sluice::cudnn
