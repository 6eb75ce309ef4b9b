#include "runtime/backend/reference/program.h"

#include <algorithm>
#include <numeric>

#include "runtime/backend/reference/sgd.h"
#include "runtime/error.h"

namespace sluice::reference {
namespace {

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

}  // namespace

ReferenceProgram::ReferenceProgram(const Net& net, NetState& state, const ProgramOptions& options)
    : net_(net), state_(state), options_(options), shapes_(infer_shapes(net)) {
  check_program(net, state, options);
  if (options.purpose == Purpose::training) state.prepare_training();
}

void ReferenceProgram::run(Phase phase, const StepInput& input, Completion done) {
  order_.check(net_, options_, phase);
  if (phase == Phase::forward) check_input(net_, options_, shapes_, input);
  done(run_phase({.backend = "reference", .phase = phase, .state = state_},
                 [&] { work(phase, input); }));
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
  order_.start(Phase::forward);
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
  order_.finish(Phase::forward);
}

void ReferenceProgram::backward(const StepInput& input) {
  runner_->backward();
  for (std::size_t i = 0; i < state_.parameters().size(); ++i) {
    Parameter& parameter = state_.parameters()[i];
    parameter.layout->from_canonical(runner_->gradient(i), parameter.gradient.values());
  }
  state_.gradient_rows = std::accumulate(input.row_weights.begin(), input.row_weights.end(), 0.0);
  order_.start(Phase::backward);  // only here: a backward that failed may be asked for again
  order_.finish(Phase::backward);
}

void ReferenceProgram::update(const StepInput& input) {
  order_.start(Phase::update);
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
  const KeptLayer kept = kept_layer(net_, options_, shapes_, layer);
  require(runner_ != nullptr, "net {}: the output of layer {} needs a forward before it", net_.name,
          layer);
  Tensor copy{kept.output};
  std::ranges::copy(runner_->output(kept.index), copy.values().begin());
  return copy;
}

std::size_t ReferenceProgram::bytes() const {
  const auto rows = static_cast<std::size_t>(options_.batch * shapes_.front().in.elements());
  return net_runner_bytes<float>(net_, options_.batch, options_.purpose) + rows * sizeof(float);
}

}  // namespace sluice::reference
