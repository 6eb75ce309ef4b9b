#include "runtime/backend/onednn/program.h"

#include <algorithm>
#include <chrono>
#include <numeric>

#include "runtime/arena.h"
#include "runtime/backend/onednn/flush_denormals.h"
#include "runtime/backend/onednn/parallel.h"
#include "runtime/backend/onednn/sgd.h"
#include "runtime/error.h"

namespace sluice::onednn {
namespace {

// Index of the first parameter of each layer; what it holds for layers without is not used.
std::vector<std::size_t> first_parameters(const Net& net) {
  std::vector<std::size_t> first(net.layers.size(), 0);
  const std::vector<ParameterInfo> infos = parameters(net);
  for (std::size_t i = infos.size(); i-- > 0;) first[infos[i].layer] = i;
  return first;
}

// (rows, pixels, channels) to (rows, channels, pixels).
void to_canonical(const Shape& row, std::span<const float> from, std::span<float> to) {
  const auto elements = static_cast<std::size_t>(row.elements());
  const auto channels = static_cast<std::size_t>(row[0]);
  const std::size_t pixels = elements / channels;
  for (std::size_t i = 0; i < from.size(); ++i) {
    const std::size_t in_row = i % elements;
    to[i - in_row + in_row % channels * pixels + in_row / channels] = from[i];
  }
}

// Zeros in the rows that do not count.
void copy_counting_rows(const StepInput& input, float* to) {
  const std::size_t floats = input.rows.size() / input.row_weights.size();
  parallel_ranges(input.row_weights.size(), 1, [&](std::size_t first, std::size_t end) {
    for (std::size_t row = first; row < end; ++row) {
      if (input.row_weights[row] == 0.0F)
        std::fill_n(to + row * floats, floats, 0.0F);
      else
        std::ranges::copy(input.rows.subspan(row * floats, floats), to + row * floats);
    }
  });
}

template <class Work>
double timed(const Work& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

OnednnProgram::OnednnProgram(const Net& net, NetState& state, const ProgramOptions& options)
    : net_(net), state_(state), options_(options), shapes_(infer_shapes(net)) {
  check_program(net, state, options);
  plan_ = plan_net(net_, shapes_, options_, memory_plan_);
  compile_layers();
  if (options.purpose == Purpose::training) state.prepare_training();
  memory_ = Block::allocate(memory_plan_.bytes());
  for (const Layer& layer : net_.layers) seconds_.push_back({.name = layer.name});
}

void OnednnProgram::compile_layers() {
  const std::vector<std::size_t> weights = first_parameters(net_);
  std::size_t scratch = 0;
  for (std::size_t i = 0; i < net_.layers.size(); ++i) {
    const LayerPlan& plan = plan_.layers[i];
    layers_.push_back(compile_layer(net_.layers[i].spec, {.device = device_,
                                                          .state = state_,
                                                          .plan = memory_plan_,
                                                          .batch = options_.batch,
                                                          .purpose = options_.purpose,
                                                          .layer = net_.layers[i].name,
                                                          .in = shapes_[i].in,
                                                          .out = shapes_[i].out,
                                                          .weights = weights[i],
                                                          .relu = plan.relu_inside,
                                                          .lrn = plan.lrn_inside,
                                                          .input_gradient = plan.input_gradient}));
    scratch = std::max(scratch, scratch_bytes(layers_.back()));
  }
  scratch_ = memory_plan_.reserve(scratch);
}

void OnednnProgram::run(Phase phase, const StepInput& input, Completion done) {
  order_.check(net_, options_, phase);
  if (phase == Phase::forward) check_input(net_, options_, shapes_, input);
  done(run_phase({.backend = "oneDNN", .phase = phase, .state = state_}, [&] {
    run_isolated([&] {
      with_flushed_denormals([&] {
        order_.start(phase);
        work(phase, input);
        order_.finish(phase);
      });
    });
  }));
}

void OnednnProgram::work(Phase phase, const StepInput& input) {
  switch (phase) {
    case Phase::forward:
      return forward(input);
    case Phase::backward:
      return backward(input);
    case Phase::update:
      return update(input);
  }
}

// The caller's rows, or a copy with zeros in the rows that do not count: whatever stands there must
// not meet a gradient of 0 as infinity or NaN.
const float* OnednnProgram::input_rows(const StepInput& input) const {
  const bool all_count = std::ranges::find(input.row_weights, 0.0F) == input.row_weights.end();
  return all_count ? input.rows.data() : plan_.rows.in(memory_.data());
}

Pass OnednnProgram::pass(std::size_t layer, const StepInput& input) const {
  std::byte* memory = memory_.data();
  return {.device = device_,
          .input = input,
          .memory = memory,
          .scratch = scratch_.in<std::byte>(memory),
          .src = layer == 0 ? input_rows(input) : plan_.layers[layer - 1].output.in(memory),
          .dst = plan_.layers[layer].output.in(memory)};
}

void OnednnProgram::forward(const StepInput& input) {
  if (input_rows(input) != input.rows.data()) {
    copy_counting_rows(input, plan_.rows.in(memory_.data()));
  }
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    seconds_[i].forward = timed([&] {
      if (plan_.layers[i].fused_forward) return;
      std::visit([&](auto& layer) { layer.forward(pass(i, input)); }, layers_[i]);
    });
  }
}

void OnednnProgram::backward(const StepInput& input) {
  const float* gradient = nullptr;
  for (std::size_t i = layers_.size(); i-- > 0;) {
    const LayerPlan& plan = plan_.layers[i];
    const bool wanted = plan.input_gradient == InputGradient::wanted;
    const bool has_parameters = std::holds_alternative<WeightedLayer>(layers_[i]);
    if (!wanted && !has_parameters) continue;  // before the first layer that learns
    Pass back = pass(i, input);
    back.diff_dst = gradient;
    back.diff_src = wanted ? plan.diff_src.in(memory_.data()) : nullptr;
    seconds_[i].backward = timed([&] {
      if (plan.fused_backward) return;
      std::visit([&](auto& layer) { layer.backward(back); }, layers_[i]);
    });
    gradient = back.diff_src;
  }
  state_.gradient_rows = std::accumulate(input.row_weights.begin(), input.row_weights.end(), 0.0);
}

void OnednnProgram::update(const StepInput& input) {
  if (state_.gradient_rows == 0.0) return;  // no row counted: no mean to follow, nothing moves
  const SgdStep step{.rule = options_.sgd, .rate = input.rate, .rows = state_.gradient_rows};
  for (LayerSeconds& layer : seconds_) layer.update = 0.0;
  for (Parameter& parameter : state_.parameters()) {
    seconds_[parameter.info.layer].update += timed([&] { sgd_update(step, parameter); });
  }
  ++state_.version;
}

std::span<const float> OnednnProgram::output_values(std::size_t layer) const {
  const bool losses = layer + 1 == layers_.size();
  const std::int64_t row = losses ? 1 : shapes_[layer].out.elements();
  return {plan_.layers[layer].output.in(memory_.data()),
          static_cast<std::size_t>(options_.batch * row)};
}

std::span<const float> OnednnProgram::scores() const {
  if (!order_.has_outputs()) return {};
  return output_values(layers_.size() - 2);
}

std::span<const float> OnednnProgram::row_losses() const {
  if (!order_.has_outputs()) return {};
  return output_values(layers_.size() - 1);
}

Tensor OnednnProgram::output(std::string_view layer) const {
  const KeptLayer kept = kept_layer(net_, options_, shapes_, layer);
  require(order_.has_outputs(), "net {}: the output of layer {} needs a forward before it",
          net_.name, layer);
  Tensor copy{kept.output};
  to_canonical(shapes_[kept.index].out, output_values(kept.index), copy.values());
  return copy;
}

std::size_t OnednnProgram::bytes() const {
  std::size_t bytes = memory_.size();
  for (const CompiledLayer& layer : layers_) bytes += private_bytes(layer);
  return bytes;
}

std::vector<Implementation> OnednnProgram::implementations() const {
  std::vector<Implementation> all;
  for (const CompiledLayer& layer : layers_) describe(layer, all);
  return all;
}

}  // namespace sluice::onednn
