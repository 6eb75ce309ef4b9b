#include "nodes/run/dump.h"

#include <fmt/format.h>

#include <span>
#include <system_error>
#include <utility>

#include "io/atomic_file.h"
#include "io/npy.h"
#include "io/text.h"
#include "runtime/error.h"
#include "runtime/net/dropout_mask.h"

namespace sluice::nodes {
namespace {

namespace fs = std::filesystem;

Shape rows_of(std::size_t rows, const Shape& row) {
  std::vector<std::int64_t> sizes{static_cast<std::int64_t>(rows)};
  sizes.insert(sizes.end(), row.sizes().begin(), row.sizes().end());
  return Shape(std::move(sizes));
}

Shape input_shape(const graph::Batch& batch, const Net& net) {
  return rows_of(batch.row_weights.size(), {net.side, net.side, net.channels});
}

Shape flat_shape(const graph::Batch& batch) {
  return {static_cast<std::int64_t>(batch.row_weights.size())};
}

Shape score_shape(const graph::Batch& batch, const Net& net) {
  return rows_of(batch.row_weights.size(), {class_count(net)});
}

struct RuleWords {
  std::string operator()(const SgdRule& rule) const {
    constexpr const char* kForms[] = {"paper", "pytorch", "nesterov"};
    return fmt::format("sgd form={} momentum={} l2={} l1={}", kForms[static_cast<int>(rule.form)],
                       rule.momentum, rule.l2, rule.l1);
  }
  std::string operator()(const DiagonalLmRule& rule) const {
    return fmt::format("diagonal-lm damping={}", rule.damping);
  }
};

// One line a layer that learns.
std::string learning_text(const Net& net, const std::vector<ParameterInfo>& infos,
                          std::span<const double> layer_rates) {
  std::string text;
  for (const ParameterInfo& info : infos) {
    if (info.role != ParameterRole::weights) continue;
    const Layer& layer = net.layers[info.layer];
    const Learning& learning = layer.learning;
    text += fmt::format(
        "{} weight_rate={} bias_rate={} weight_decay={} bias_decay={} frozen={} rate={}\n",
        layer.name, learning.weight_rate, learning.bias_rate, learning.weight_decay,
        learning.bias_decay, learning.frozen ? 1 : 0,
        layer_rates.empty() ? 1.0 : layer_rates[info.layer]);
  }
  return text;
}

std::string net_text(const Net& net) {
  std::string text = fmt::format("{} {}, input {}x{}x{}\n", net.name, net.variant, net.channels,
                                 net.side, net.side);
  for (const LayerCost& cost : layer_costs(net)) {
    text += fmt::format("{:<12} {:<20} {:>14} {:>12} weights {:>8} biases\n", cost.name, cost.kind,
                        cost.out.text(), cost.weights, cost.biases);
  }
  return text;
}

// Of the layers with parameters but the net's first layer.
std::vector<std::size_t> readers(const Net& net) {
  std::vector<std::size_t> found;
  for (const ParameterInfo& info : parameters(net))
    if (info.role == ParameterRole::weights && info.layer > 0) found.push_back(info.layer);
  return found;
}

std::vector<io::TensorSpec> tensor_specs(const graph::Batch& batch, const Net& net,
                                         const std::vector<LayerShapes>& shapes) {
  const std::vector<ParameterInfo> infos = parameters(net);
  std::vector<io::TensorSpec> specs;
  const auto add_parameters = [&](const std::string& prefix) {
    for (const ParameterInfo& info : infos) specs.push_back({prefix + info.file_name, info.shape});
  };
  add_parameters("before.");
  add_parameters("velocity_before.");
  specs.push_back({"rows", input_shape(batch, net)});
  specs.push_back({"labels", flat_shape(batch)});
  specs.push_back({"row_weights", flat_shape(batch)});
  for (std::size_t i = 0; i < net.layers.size(); ++i) {
    if (!std::holds_alternative<Dropout>(net.layers[i].spec)) continue;
    specs.push_back(
        {"mask." + net.layers[i].name, rows_of(batch.row_weights.size(), shapes[i].in)});
  }
  for (const std::size_t i : readers(net)) {
    specs.push_back(
        {"read." + net.layers[i].file_name, rows_of(batch.row_weights.size(), shapes[i].in)});
  }
  specs.push_back({"scores", score_shape(batch, net)});
  specs.push_back({"row_losses", flat_shape(batch)});
  specs.push_back({"gradient_rows", {1}});
  add_parameters("gradient.");
  add_parameters("after.");
  add_parameters("velocity_after.");
  return specs;
}

}  // namespace

void check_dump_folder(const fs::path& folder) {
  std::error_code error;
  if (!fs::exists(fs::symlink_status(folder, error))) return;
  const std::string name = io::one_line(folder.string());
  require(fs::is_directory(folder, error),
          "run.dump = \"{}\": something else has that name; valid: a new folder", name);
  const bool empty = fs::is_empty(folder, error);
  require(!error, "run.dump = \"{}\": cannot look at that folder: {}", name, error.message());
  require(empty, "run.dump = \"{}\": that folder holds something already; valid: a new one", name);
}

std::vector<std::string> dumped_layers(const Net& net) {
  std::vector<std::string> names;
  for (const std::size_t i : readers(net)) names.push_back(net.layers[i - 1].name);
  return names;
}

StepDump::StepDump(DumpRequest request, const Net& net, const NetState& state,
                   const Program& program)
    : request_(std::move(request)),
      net_(net),
      state_(state),
      program_(program),
      shapes_(infer_shapes(net)) {
  const std::string name = io::one_line(request_.folder.string());
  std::error_code error;
  fs::create_directories(request_.folder, error);
  require(!error && fs::is_directory(request_.folder, error),
          "run.dump = \"{}\": cannot make that folder: {}", name,
          error ? error.message() : "something else has that name");
  io::write_text_file(request_.folder / "net.txt", net_text(net_));
}

io::Metadata StepDump::metadata(const graph::Batch& batch, const StepInput& input) const {
  const std::vector<ParameterInfo> infos = parameters(net_);
  std::string names;
  for (const ParameterInfo& info : infos) names += info.file_name + "\n";
  return {{"sluice.net", net_.name},
          {"sluice.variant", net_.variant},
          {"sluice.step", std::to_string(input.step)},
          {"sluice.epoch", std::to_string(batch.epoch)},
          {"sluice.seed", std::to_string(input.seed)},
          {"sluice.rate", fmt::format("{}", input.rate)},
          {"sluice.rule", std::visit(RuleWords{}, request_.rule)},
          {"sluice.learning", learning_text(net_, infos, input.layer_rates)},
          {"sluice.parameters", names},
          {"sluice.recipe", request_.recipe}};
}

void StepDump::open(const graph::Batch& batch, const StepInput& input) {
  const fs::path path =
      request_.folder / fmt::format("step-{:06}.safetensors", std::int64_t{input.step});
  file_ = std::make_unique<io::SafetensorsWriter>(path, tensor_specs(batch, net_, shapes_),
                                                  metadata(batch, input));
}

// `read` gives a parameter's values in canonical order.
template <class Read>
void StepDump::add_parameters(Read read) {
  for (std::size_t i = 0; i < state_.parameters().size(); ++i) file_->add(read(i));
}

void StepDump::add_masks(const StepInput& input) {
  std::vector<std::uint8_t> kept;
  std::vector<float> mask;
  for (std::size_t i = 0; i < net_.layers.size(); ++i) {
    const auto* dropout = std::get_if<Dropout>(&net_.layers[i].spec);
    if (dropout == nullptr) continue;
    const DropoutKey key{input.seed, input.step, dropout_stream(net_.layers[i].name)};
    kept.resize(static_cast<std::size_t>(shapes_[i].in.elements()));
    mask.clear();
    for (std::uint32_t row = 0; row < input.labels.size(); ++row) {
      dropout_mask(key, dropout->drop, input.first_row + row, kept);
      mask.insert(mask.end(), kept.begin(), kept.end());
    }
    file_->add(mask);
  }
}

void StepDump::before(const graph::Batch& batch, const StepInput& input) {
  if (std::int64_t{batch.step} >= request_.steps) return;
  open(batch, input);
  add_parameters([&](std::size_t i) { return state_.read(i); });
  add_parameters([&](std::size_t i) { return state_.read_velocity(i); });
  file_->add(input.rows);
  file_->add(std::vector<float>(input.labels.begin(), input.labels.end()));
  file_->add(input.row_weights);
  add_masks(input);
}

void StepDump::after_backward(const graph::Batch& batch) {
  if (file_ == nullptr) return;
  for (const std::string& layer : dumped_layers(net_)) file_->add(program_.output(layer).values());
  file_->add(batch.scores);
  file_->add(batch.row_losses);
  file_->add(std::vector<float>{static_cast<float>(state_.gradient_rows)});
  add_parameters([&](std::size_t i) {
    const Parameter& parameter = state_.parameters()[i];
    std::vector<float> canonical(static_cast<std::size_t>(parameter.info.shape.elements()));
    parameter.layout->to_canonical(parameter.gradient.values(), canonical);
    return canonical;
  });
}

void StepDump::after_update(const graph::Batch& batch) {
  if (file_ == nullptr) return;
  add_parameters([&](std::size_t i) { return state_.read(i); });
  add_parameters([&](std::size_t i) { return state_.read_velocity(i); });
  write_npys(batch);
  file_->commit();
  file_.reset();
}

void StepDump::write_npys(const graph::Batch& batch) const {
  const auto path = [&](const char* what) {
    return request_.folder / fmt::format("step-{:06}.{}.npy", batch.step, what);
  };
  io::write_npy(path("rows"), input_shape(batch, net_), batch.rows);
  io::write_npy(path("labels"), flat_shape(batch), batch.labels);
  io::write_npy(path("scores"), score_shape(batch, net_), batch.scores);
  io::write_npy(path("row_losses"), flat_shape(batch), batch.row_losses);
}

}  // namespace sluice::nodes
