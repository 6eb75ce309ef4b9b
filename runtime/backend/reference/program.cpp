#include "runtime/backend/reference/program.h"

#include <algorithm>
#include <numeric>

#include "runtime/backend/reference/sgd.h"
#include "runtime/error.h"

namespace sluice::reference {
namespace {

void check_state(const Net& net, const NetState& state) {
  const std::vector<ParameterInfo> infos = parameters(net);
  bool fits = infos.size() == state.parameters().size();
  for (std::size_t i = 0; fits && i < infos.size(); ++i) {
    fits = infos[i].shape == state.parameters()[i].info.shape;
  }
  require(fits, "net {}: the state was made for another net, its parameters differ", net.name);
}

std::size_t layer_index(const Net& net, std::string_view name) {
  const auto found = std::ranges::find(net.layers, name, &Layer::name);
  require(found != net.layers.end(), "net {}: has no layer named {}", net.name, name);
  return static_cast<std::size_t>(found - net.layers.begin());
}

// (rows, side, side, channels) to (rows, channels, side, side).
void to_canonical_rows(const Shape& row, std::span<const float> from, std::span<float> to) {
  const auto channels = static_cast<std::size_t>(row[0]);
  const auto plane = static_cast<std::size_t>(row[1] * row[2]);
  for (std::size_t i = 0; i < from.size(); ++i) {
    const std::size_t channel = i % channels, pixel = i / channels % plane;
    const std::size_t first = i / (channels * plane) * (channels * plane);
    to[first + channel * plane + pixel] = from[i];
  }
}

// The exception in flight as an Error.
std::exception_ptr current_failure(Phase phase) {
  try {
    throw;
  } catch (const Error&) {
    return std::current_exception();
  } catch (const std::exception& other) {
    return std::make_exception_ptr(Error(
        ErrorKind::run, fmt::format("reference backend, {}: {}", phase_name(phase), other.what())));
  }
}

}  // namespace

ReferenceProgram::ReferenceProgram(const Net& net, NetState& state, const ProgramOptions& options)
    : net_(net), state_(state), options_(options), shapes_(infer_shapes(net)) {
  require(options.batch > 0, "net {}: batch of {} rows, it needs at least 1", net.name,
          options.batch);
  require(std::holds_alternative<SoftmaxLoss>(net.layers.back().spec),
          "net {}: its last layer must be a softmax-loss", net.name);
  check_state(net, state);
  for (const std::string& name : options.keep) (void)layer_index(net, name);
  if (options.purpose == Purpose::training) state.prepare_training();
}

void ReferenceProgram::check_order(Phase phase) const {
  const bool training = options_.purpose == Purpose::training;
  require(phase == Phase::forward || training,
          "net {}: an evaluation program has no {}, valid is forward", net_.name,
          phase_name(phase));
  require(phase != Phase::backward || forward_done_, "net {}: backward needs a forward before it",
          net_.name);
  require(phase != Phase::update || backward_done_, "net {}: update needs a backward before it",
          net_.name);
}

void ReferenceProgram::check_input(const StepInput& input) const {
  const auto batch = static_cast<std::size_t>(options_.batch);
  const std::size_t floats = batch * static_cast<std::size_t>(shapes_.front().in.elements());
  require(input.rows.size() == floats, "net {}: {} floats in the rows, a batch of {} needs {}",
          net_.name, input.rows.size(), batch, floats);
  require(input.labels.size() == batch && input.row_weights.size() == batch,
          "net {}: {} labels and {} row weights, a batch needs {} of each", net_.name,
          input.labels.size(), input.row_weights.size(), batch);
  const std::int64_t classes = shapes_.back().in.elements();
  for (std::size_t row = 0; row < batch; ++row) {
    const std::int32_t label = input.labels[row];
    require(input.row_weights[row] == 0.0F || (label >= 0 && label < classes),
            "net {}: label {} of row {} is outside the {} classes", net_.name, label, row, classes);
  }
}

void ReferenceProgram::run(Phase phase, const StepInput& input, Completion done) {
  check_order(phase);
  if (phase == Phase::forward) check_input(input);
  std::exception_ptr failure;
  try {
    const ProgramLock lock(state_);
    work(phase, input);
  } catch (...) {
    failure = current_failure(phase);
  }
  done(failure);
}

void ReferenceProgram::work(Phase phase, const StepInput& input) {
  switch (phase) {
    case Phase::forward:
      return forward(input);
    case Phase::backward:
      return backward(input);
    case Phase::update:
      return update(input);
  }
}

void ReferenceProgram::forward(const StepInput& input) {
  forward_done_ = backward_done_ = false;
  if (runner_ == nullptr) {
    runner_ = std::make_unique<NetRunner<float>>(net_, options_.batch, options_.purpose);
    rows_.resize(input.rows.size());
  }
  for (std::size_t i = 0; i < state_.parameters().size(); ++i) {
    std::ranges::copy(state_.read(i), runner_->parameter(i).begin());
  }
  to_canonical_rows(shapes_.front().in, input.rows, rows_);
  runner_->forward({.rows = rows_,
                    .labels = input.labels,
                    .row_weights = input.row_weights,
                    .seed = input.seed,
                    .step = input.step,
                    .first_row = input.first_row});
  forward_done_ = true;
}

void ReferenceProgram::backward(const StepInput& input) {
  runner_->backward();
  for (std::size_t i = 0; i < state_.parameters().size(); ++i) {
    Parameter& parameter = state_.parameters()[i];
    parameter.layout->from_canonical(runner_->gradient(i), parameter.gradient.values());
  }
  state_.gradient_rows = std::accumulate(input.row_weights.begin(), input.row_weights.end(), 0.0);
  forward_done_ = false;
  backward_done_ = true;
}

void ReferenceProgram::update(const StepInput& input) {
  backward_done_ = false;
  if (state_.gradient_rows == 0.0) return;  // no row counted: no mean to follow, nothing moves
  for (Parameter& parameter : state_.parameters()) {
    const bool weights = parameter.info.role == ParameterRole::weights;
    const SgdStep step{.momentum = options_.sgd.momentum,
                       .decay = weights ? options_.sgd.decay : 0.0,
                       .rate = input.rate,
                       .rows = state_.gradient_rows};
    sgd_update<float>(step, parameter.gradient.values(), parameter.velocity.values(),
                      parameter.values.values());
  }
  ++state_.version;
}

std::span<const float> ReferenceProgram::scores() const {
  return runner_ == nullptr ? std::span<const float>{} : runner_->scores();
}

std::span<const float> ReferenceProgram::row_losses() const {
  return runner_ == nullptr ? std::span<const float>{} : runner_->row_losses();
}

Tensor ReferenceProgram::output(std::string_view layer) const {
  require(std::ranges::find(options_.keep, layer) != options_.keep.end(),
          "net {}: the output of layer {} was not kept, name it in ProgramOptions::keep", net_.name,
          layer);
  require(runner_ != nullptr, "net {}: the output of layer {} needs a forward before it", net_.name,
          layer);
  const std::size_t index = layer_index(net_, layer);
  std::vector<std::int64_t> sizes = shapes_[index].out.sizes();
  sizes.insert(sizes.begin(), options_.batch);
  Tensor copy{Shape(std::move(sizes))};
  std::ranges::copy(runner_->output(index), copy.values().begin());
  return copy;
}

std::size_t ReferenceProgram::bytes() const {
  const auto rows = static_cast<std::size_t>(options_.batch * shapes_.front().in.elements());
  return net_runner_bytes<float>(net_, options_.batch, options_.purpose) + rows * sizeof(float);
}

}  // namespace sluice::reference
