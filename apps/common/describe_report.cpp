#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "apps/common/device_report.h"
#include "apps/common/reports.h"
#include "io/recipe.h"

namespace sluice::apps {
namespace {

using nlohmann::ordered_json;
using nodes::Description;

struct Totals {
  std::int64_t weights = 0;
  std::int64_t biases = 0;
  std::int64_t multiply_adds = 0;
  std::int64_t activation_bytes = 0;
};

Totals totals_of(const Description& description) {
  Totals totals;
  for (const LayerCost& cost : description.layers) {
    totals.weights += cost.weights;
    totals.biases += cost.biases;
    totals.multiply_adds += cost.multiply_adds;
    totals.activation_bytes += cost.activation_bytes;
  }
  return totals;
}

ordered_json layer_json(const LayerCost& cost) {
  return {{"name", cost.name},
          {"kind", cost.kind},
          {"out", cost.out.sizes()},
          {"weights", cost.weights},
          {"biases", cost.biases},
          {"parameters", cost.weights + cost.biases},
          {"multiply_adds", cost.multiply_adds},
          {"parameter_bytes", cost.parameter_bytes},
          {"activation_bytes", cost.activation_bytes},
          {"receptive_field", cost.receptive_field}};
}

ordered_json step_json(const Description& description) {
  const nodes::StepMemory& memory = description.memory;
  ordered_json step = {{"backend", description.backend},
                       {"batch", description.batch},
                       {"rows", description.rows},
                       {"replicas", description.replicas},
                       {"precision", precision_name(description.precision)},
                       {"planned_bytes", memory.planned()},
                       {"parameter_bytes", memory.parameters},
                       {"activation_bytes", memory.activations},
                       {"input_bytes", memory.input}};
  const nodes::RunMemory& beside = description.beside;
  step["run"] = {{"bytes", memory.planned() - memory.input + beside.bytes()},
                 {"validation_bytes", beside.validation},
                 {"checkpoint_bytes", beside.checkpoint},
                 {"preparation_bytes", beside.preparation}};
  if (memory.measured) step["measured_bytes"] = *memory.measured;
  step["slow_primitives"] = ordered_json::array();
  for (const UsedPrimitive& slow : description.slow) {
    step["slow_primitives"].push_back(
        {{"layer", slow.layer}, {"use", slow.use}, {"implementation", slow.implementation}});
  }
  if (description.upload) {
    const bool bytes = description.upload->rows.type == PixelType::u8;
    step["upload"] = {{"rows", bytes ? "bytes" : "f32"},
                      {"bytes", description.upload->bytes},
                      {"words", description.upload->rows.text}};
  }
  if (description.device) step["device"] = ordered_json::parse(device_json(*description.device));
  return step;
}

std::string json(const Description& description) {
  const Totals totals = totals_of(description);
  ordered_json document = {{"net", description.net.name},
                           {"variant", description.net.variant},
                           {"weights", totals.weights},
                           {"biases", totals.biases},
                           {"parameters", totals.weights + totals.biases},
                           {"multiply_adds", totals.multiply_adds},
                           {"activation_bytes", totals.activation_bytes},
                           {"layers", ordered_json::array()}};
  for (const LayerCost& cost : description.layers) document["layers"].push_back(layer_json(cost));
  document["step"] = step_json(description);
  return document.dump(2) + "\n";
}

std::string layer_table(const Description& description) {
  std::string text =
      fmt::format("{:<10} {:<16} {:>14} {:>11} {:>8} {:>10} {:>14} {:>14} {:>5}\n", "layer", "kind",
                  "output", "weights", "biases", "MMAC", "param. bytes", "output bytes", "sees");
  for (const LayerCost& cost : description.layers) {
    text += fmt::format("{:<10} {:<16} {:>14} {:>11} {:>8} {:>10.1f} {:>14} {:>14} {:>5}\n",
                        cost.name, cost.kind, cost.out.text(), cost.weights, cost.biases,
                        static_cast<double>(cost.multiply_adds) / 1e6, cost.parameter_bytes,
                        cost.activation_bytes, cost.receptive_field);
  }
  return text;
}

// How the step is divided, where it is.
std::string parts_text(const Description& description) {
  std::string text;
  if (description.replicas > 1) text += fmt::format(" on {} replicas", description.replicas);
  if (description.rows * description.replicas < description.batch)
    text += fmt::format(", {} at once", description.rows);
  return text;
}

std::string step_text(const Description& description) {
  const nodes::StepMemory& memory = description.memory;
  std::string text = fmt::format(
      "a training step of {} images{} in {} ({}): planned {} = parameters with gradients and "
      "velocities {}, activations and workspaces {}, input {}\n",
      description.batch, parts_text(description), precision_name(description.precision),
      description.backend, io::format_bytes(memory.planned()), io::format_bytes(memory.parameters),
      io::format_bytes(memory.activations), io::format_bytes(memory.input));
  if (memory.measured)
    text += fmt::format("measured at its peak: {}\n", io::format_bytes(*memory.measured));
  const nodes::RunMemory& beside = description.beside;
  text += fmt::format(
      "a run takes up to {}: that step without its input, and beside it validation {}, a "
      "checkpoint's copy {}, "
      "preparation {}\n",
      io::format_bytes(memory.planned() - memory.input + beside.bytes()),
      io::format_bytes(beside.validation), io::format_bytes(beside.checkpoint),
      io::format_bytes(beside.preparation));
  for (const UsedPrimitive& slow : description.slow)
    text +=
        fmt::format("{}, {}: nothing better than {}\n", slow.layer, slow.use, slow.implementation);
  if (description.squares_only)
    text +=
        "train.view = \"full\": these are figures of the net's square; whole images take more, "
        "which "
        "train and profile say of the images at hand\n";
  if (description.upload)
    text += fmt::format("{}; {} a step\n", description.upload->rows.text,
                        io::format_bytes(description.upload->bytes));
  if (description.device) text += device_text(*description.device);
  return text;
}

}  // namespace

std::string report(const Description& description, Form form) {
  if (form == Form::json) return json(description);
  const Net& net = description.net;
  const Totals totals = totals_of(description);
  return fmt::format(
      "{} {}: input {} x {} x {}\n\n{}\n{} weights and {} biases: {} parameters, {:.4f} GMAC "
      "forward an image, {} bytes of outputs\n{}",
      net.name, net.variant, net.channels, net.side, net.side, layer_table(description),
      totals.weights, totals.biases, totals.weights + totals.biases,
      static_cast<double>(totals.multiply_adds) / 1e9, totals.activation_bytes,
      step_text(description));
}

}  // namespace sluice::apps
