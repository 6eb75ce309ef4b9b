#include "runtime/backend/onednn/program.h"

#include <algorithm>
#include <chrono>
#include <numeric>

#include "runtime/arena.h"
#include "runtime/backend/canonical_rows.h"
#include "runtime/backend/onednn/flush_denormals.h"
#include "runtime/backend/onednn/kernels.h"
#include "runtime/backend/onednn/loss_rows.h"
#include "runtime/backend/onednn/parallel.h"
#include "runtime/backend/onednn/update.h"
#include "runtime/backend/reference/curvature.h"
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

void copy_values(const float* from, std::size_t count, float* to) { std::copy_n(from, count, to); }
void copy_values(const float* from, std::size_t count, Bf16* to) {
  kernels::round_values(from, count, to);
}

// Zeros in the rows that do not count.
template <class T>
void copy_counting_rows(const StepInput& input, T* to) {
  const std::size_t values = input.rows.size() / input.row_weights.size();
  parallel_ranges(input.row_weights.size(), 1, [&](std::size_t first, std::size_t end) {
    for (std::size_t row = first; row < end; ++row) {
      if (input.row_weights[row] == 0.0F)
        std::fill_n(to + row * values, values, T{});
      else
        copy_values(input.rows.data() + row * values, values, to + row * values);
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

OnednnProgram::OnednnProgram(const Net& net, NetState& state, const ProgramOptions& options,
                             Sharing sharing)
    : net_(net),
      state_(state),
      options_(options),
      shapes_(infer_shapes(net)),
      infos_(parameters(net)),
      memory_plan_({.layers = net.layers.size(), .purpose = options.purpose}) {
  check_program(net, state, options);
  plan_ = plan_net(net_, shapes_, options_, memory_plan_);
  if (options.purpose != Purpose::row_gradients)
    while (first_backward_ < net_.layers.size() && !learns(first_backward_)) ++first_backward_;
  compile_layers();
  reserve_scratch();
  memory_plan_.place_all(sharing);
  if (options.purpose == Purpose::training) {
    state.prepare_training();
    clear_frozen_gradients();
  }
  for (const Layer& layer : net_.layers) seconds_.push_back({.name = layer.name});
  if (options.layer_times == LayerTimes::on) sums_ = seconds_;
}

bool OnednnProgram::learns(std::size_t layer) const {
  if (options_.purpose != Purpose::training || net_.layers[layer].learning.frozen) return false;
  return std::ranges::find(infos_, layer, &ParameterInfo::layer) != infos_.end();
}

// No backward writes them: what another program left there must not look like theirs.
void OnednnProgram::clear_frozen_gradients() {
  for (std::size_t i = 0; i < infos_.size(); ++i)
    if (!learns(infos_[i].layer)) std::ranges::fill(state_.parameters()[i].gradient.values(), 0.0F);
}

void OnednnProgram::compile_layers() {
  const std::vector<std::size_t> weights = first_parameters(net_);
  for (std::size_t i = 0; i < net_.layers.size(); ++i) {
    const LayerPlan& plan = plan_.layers[i];
    memory_plan_.enter(i);
    layers_.push_back(compile_layer(
        net_.layers[i].spec, {.device = device_,
                              .state = state_,
                              .plan = memory_plan_,
                              .batch = options_.batch * shapes_[i].in_rows,
                              .images = options_.batch,
                              .purpose = options_.purpose,
                              .drops = drops(options_) ? Drops::yes : Drops::no,
                              .layouts = options_.layouts,
                              .precision = options_.precision,
                              .layer = net_.layers[i].name,
                              .in = shapes_[i].in,
                              .out = shapes_[i].out,
                              .out_element = element(i),
                              .weights = weights[i],
                              .relu = plan.relu_inside,
                              .lrn = plan.lrn_inside,
                              .input_gradient = plan.input_gradient,
                              .parameter_gradient = learns(i) ? ParameterGradient::wanted
                                                              : ParameterGradient::unwanted}));
  }
}

void OnednnProgram::reserve_scratch() {
  const Timeline& times = memory_plan_.timeline();
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const std::size_t bytes = scratch_bytes(layers_[i]);
    const auto during = [&](std::size_t time) { return memory_plan_.reserve(bytes, {time, time}); };
    scratch_.push_back({.forward = during(times.forward(i)), .backward = {}});
    if (goes_backward(options_.purpose)) scratch_.back().backward = during(times.backward(i));
  }
}

void OnednnProgram::run(Phase phase, const StepInput& input, Completion done) {
  order_.check(net_, options_, phase);
  if (phase == Phase::forward) check_input(net_, options_, shapes_, input);
  if (phase == Phase::update) check_layer_rates(net_, input);
  done(run_phase({.backend = "oneDNN", .phase = phase, .state = state_}, [&] {
    run_isolated([&] {
      with_flushed_denormals([&] {
        order_.start(phase);
        if (memory_.data() == nullptr) memory_ = Block::allocate(memory_plan_.bytes());
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
    case Phase::curvature:
      return reference::mean_curvature(net_, state_, input);
  }
}

bool OnednnProgram::copies_rows(const StepInput& input) const {
  const bool all_count = std::ranges::find(input.row_weights, 0.0F) == input.row_weights.end();
  return !all_count || options_.precision != Precision::f32;
}

// The caller's rows, or a copy of the program's precision with zeros in the rows that do not count:
// whatever stands there must not meet a gradient of 0 as infinity or NaN.
ConstArray OnednnProgram::input_rows(const StepInput& input) const {
  if (copies_rows(input)) return {plan_.rows.in<std::byte>(memory()), options_.precision};
  return {std::as_bytes(input.rows).data(), Precision::f32};
}

Array OnednnProgram::output_array(std::size_t layer) const {
  return {plan_.layers[layer].output.in<std::byte>(memory()), element(layer)};
}

Pass OnednnProgram::pass(std::size_t layer, Phase phase, const StepInput& input) const {
  const Memory memory = this->memory();
  const LayerScratch& scratch = scratch_[layer];
  return {.device = device_,
          .input = input,
          .memory = memory,
          .scratch =
              (phase == Phase::forward ? scratch.forward : scratch.backward).in<std::byte>(memory),
          .src = layer == 0 ? input_rows(input) : ConstArray(output_array(layer - 1)),
          .dst = output_array(layer)};
}

void OnednnProgram::forward(const StepInput& input) {
  if (copies_rows(input)) {
    with_element(options_.precision,
                 [&]<class T>(T) { copy_counting_rows(input, plan_.rows.in<T>(memory())); });
  }
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    seconds_[i].forward = timed([&] {
      if (plan_.layers[i].fused_forward) return;
      std::visit([&](auto& layer) { layer.forward(pass(i, Phase::forward, input)); }, layers_[i]);
    });
  }
  ++steps_;
  add_up(&LayerSeconds::forward);
}

void OnednnProgram::backward(const StepInput& input) {
  const bool to_rows = options_.purpose == Purpose::row_gradients;
  ConstArray gradient;
  for (std::size_t i = layers_.size(); i-- > first_backward_;) {
    const LayerPlan& plan = plan_.layers[i];
    const bool wanted = plan.input_gradient == InputGradient::wanted;
    Pass back = pass(i, Phase::backward, input);
    back.diff_dst = gradient;
    if (wanted) back.diff_src = {plan.diff_src.in<std::byte>(memory()), options_.precision};
    seconds_[i].backward = timed([&] {
      if (plan.fused_backward) return;
      if (to_rows && i + 1 == layers_.size())
        return label_slopes(back, {static_cast<std::size_t>(options_.batch),
                                   static_cast<std::size_t>(shapes_[i].in.elements())});
      std::visit([&](auto& layer) { layer.backward(back); }, layers_[i]);
    });
    gradient = back.diff_src;
  }
  add_up(&LayerSeconds::backward);
  if (to_rows) return;
  state_.gradient_rows = std::accumulate(input.row_weights.begin(), input.row_weights.end(), 0.0);
}

void OnednnProgram::update(const StepInput& input) {
  if (state_.gradient_rows == 0.0) return;  // no row counted: no mean to follow, nothing moves
  for (LayerSeconds& layer : seconds_) layer.update = 0.0;
  for (std::size_t i = 0; i < infos_.size(); ++i) {
    const UpdateFactors factors =
        update_factors(options_.rule, net_, infos_[i], input, state_.gradient_rows);
    if (factors.still) continue;
    seconds_[infos_[i].layer].update +=
        timed([&] { update_parameter(options_.rule, factors, state_.parameters()[i]); });
  }
  ++state_.version;
  add_up(&LayerSeconds::update);
}

void OnednnProgram::add_up(double LayerSeconds::*phase) {
  for (std::size_t i = 0; i < sums_.size(); ++i) sums_[i].*phase += seconds_[i].*phase;
}

// A ReLU that the layer before does forward, and a max-pool that does the LRN before it, are one
// row with that layer. (A ReLU's backward may be done by the layer behind it and counts there.)
std::vector<LayerRecord> OnednnProgram::layers() const {
  std::vector<LayerRecord> rows;
  for (std::size_t i = 0; i < sums_.size(); ++i) {
    const LayerPlan& plan = plan_.layers[i];
    const bool lrn = plan.lrn_inside.has_value();
    const bool joins =
        lrn || (plan.fused_forward && std::holds_alternative<Relu>(net_.layers[i].spec));
    const std::string kind = layer_kind(net_.layers[i].spec);
    if (joins) {
      rows.back().name += "+" + net_.layers[i].name;
      rows.back().kind += "+" + kind;
    } else {
      rows.push_back({.name = net_.layers[i].name, .kind = kind, .steps = steps_});
    }
    rows.back().forward_seconds += sums_[i].forward;
    rows.back().backward_seconds += sums_[i].backward;
    rows.back().update_seconds += sums_[i].update;
  }
  return rows;
}

template <class T>
std::span<const T> OnednnProgram::output_values(std::size_t layer) const {
  const bool losses = layer + 1 == layers_.size();
  const std::int64_t row = losses ? 1 : shapes_[layer].out_rows * shapes_[layer].out.elements();
  return {output_array(layer).as<T>(), static_cast<std::size_t>(options_.batch * row)};
}

std::span<const float> OnednnProgram::scores() const {
  if (!order_.has_outputs()) return {};
  return output_values<float>(layers_.size() - 2);
}

std::span<const float> OnednnProgram::row_losses() const {
  if (!order_.has_outputs()) return {};
  return output_values<float>(layers_.size() - 1);
}

Tensor OnednnProgram::output(std::string_view layer) const {
  const KeptLayer kept = kept_layer(net_, options_, shapes_, layer);
  require(order_.has_outputs(), "net {}: the output of layer {} needs a forward before it",
          net_.name, layer);
  Tensor copy{kept.output};
  with_element(element(kept.index), [&]<class T>(T) {
    channels_first(shapes_[kept.index].out, output_values<T>(kept.index), copy.values());
  });
  return copy;
}

Tensor OnednnProgram::row_gradients() const {
  Tensor copy{row_gradient_shape(net_, options_, shapes_, order_)};
  with_element(options_.precision, [&]<class T>(T) {
    const T* const from = plan_.layers.front().diff_src.in<T>(memory());
    channels_first(shapes_.front().in, std::span(from, copy.values().size()), copy.values());
  });
  return copy;
}

std::size_t OnednnProgram::bytes() const {
  std::size_t bytes = memory_plan_.bytes();
  for (const CompiledLayer& layer : layers_) bytes += private_bytes(layer);
  if (options_.purpose == Purpose::training &&
      std::holds_alternative<DiagonalLmRule>(options_.rule))
    bytes += reference::mean_curvature_bytes(net_, options_.batch);
  return bytes;
}

std::vector<Implementation> OnednnProgram::implementations() const {
  std::vector<Implementation> all;
  for (const CompiledLayer& layer : layers_) describe(layer, all);
  return all;
}

}  // namespace sluice::onednn
