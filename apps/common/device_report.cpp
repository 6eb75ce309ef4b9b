#include "apps/common/device_report.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "io/recipe.h"

namespace sluice::apps {
namespace {

using nlohmann::ordered_json;

std::string library_text(const cudnn::DevicePlan& plan) {
  return plan.library_bytes ? io::format_bytes(*plan.library_bytes) : "known on a device";
}

std::string list_text(const cudnn::DevicePlan::List& list) {
  std::string text =
      fmt::format("\n{}: {} launch{}\n", list.phase, list.launches, list.launches == 1 ? "" : "es");
  for (const auto& step : list.steps) {
    text += fmt::format("  {:<12} {:<36} {}", step.layer, step.operation, step.implementation);
    text.erase(text.find_last_not_of(' ') + 1);
    text += '\n';
  }
  return text;
}

ordered_json list_json(const cudnn::DevicePlan::List& list) {
  ordered_json steps = ordered_json::array();
  for (const auto& step : list.steps) {
    ordered_json one = {{"layer", step.layer}, {"operation", step.operation}};
    if (!step.implementation.empty()) one["implementation"] = step.implementation;
    steps.push_back(std::move(one));
  }
  return {{"phase", list.phase}, {"launches", list.launches}, {"operations", std::move(steps)}};
}

}  // namespace

std::string device_text(const cudnn::DevicePlan& plan) {
  std::string text = fmt::format(
      "of the device's memory: {} ({} bytes) = parameters {}, activations and their gradients {} "
      "({} if they shared none), rows of two steps {}, labels and factors {}; cuDNN's own "
      "workspace: {}\nactivations stand as (row, y, x, channel)\n",
      io::format_bytes(plan.own_bytes()), plan.own_bytes(), io::format_bytes(plan.parameter_bytes),
      io::format_bytes(plan.activation_bytes), io::format_bytes(plan.unshared_bytes),
      io::format_bytes(plan.input_bytes), io::format_bytes(plan.step_bytes), library_text(plan));
  for (const auto& layout : plan.layouts)
    text += fmt::format("{} stands as ({})\n", layout.parameter, layout.order);
  for (const auto& list : plan.lists) text += list_text(list);
  return text;
}

std::string device_json(const cudnn::DevicePlan& plan) {
  ordered_json document = {{"own_bytes", plan.own_bytes()},
                           {"parameter_bytes", plan.parameter_bytes},
                           {"activation_bytes", plan.activation_bytes},
                           {"unshared_activation_bytes", plan.unshared_bytes},
                           {"input_bytes", plan.input_bytes},
                           {"step_bytes", plan.step_bytes}};
  document["library_bytes"] = plan.library_bytes ? ordered_json(*plan.library_bytes) : nullptr;
  document["layouts"] = ordered_json::array();
  for (const auto& layout : plan.layouts)
    document["layouts"].push_back({{"parameter", layout.parameter}, {"order", layout.order}});
  document["phases"] = ordered_json::array();
  for (const auto& list : plan.lists) document["phases"].push_back(list_json(list));
  return document.dump();
}

}  // namespace sluice::apps
