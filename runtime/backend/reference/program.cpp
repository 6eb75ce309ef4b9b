#include "runtime/backend/reference/program.h"

#include <algorithm>
#include <numeric>

#include "runtime/backend/reference/canonical_rows.h"
#include "runtime/backend/reference/curvature.h"
#include "runtime/backend/reference/diagonal_lm.h"
#include "runtime/backend/reference/sgd.h"
#include "runtime/backend/update_factors.h"
#include "runtime/error.h"

namespace sluice::reference {
// One parameter's update.
struct ReferenceProgram::Update {
  const UpdateFactors& factors;
  Parameter& parameter;

  void operator()(const SgdRule& rule) const {
    sgd_update<float>(rule.form, factors, parameter.gradient.values(), parameter.velocity.values(),
                      parameter.values.values());
  }
  void operator()(const DiagonalLmRule&) const {
    diagonal_lm_update<float>(factors, parameter.gradient.values(), parameter.velocity.values(),
                              parameter.values.values());
  }
};

ReferenceProgram::ReferenceProgram(const Net& net, NetState& state, const ProgramOptions& options)
    : net_(net),
      state_(state),
      options_(options),
      shapes_(infer_shapes(net)),
      infos_(parameters(net)),
      clock_(net, options.layer_times) {
  check_program(net, state, options);
  require(options.precision == Precision::f32,
          "net {}: the reference backend computes in {}, valid for {} is another backend", net.name,
          precision_name(Precision::f32), precision_name(options.precision));
  if (options.purpose == Purpose::training) state.prepare_training();
}

void ReferenceProgram::run(Phase phase, const StepInput& input, Completion done) {
  order_.check(net_, options_, phase);
  if (phase == Phase::forward) check_input(net_, options_, shapes_, input);
  if (phase == Phase::update) check_layer_rates(net_, input);
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
    case Phase::curvature:
      return curvature(input);
  }
}

void ReferenceProgram::forward(const StepInput& input) {
  order_.start(Phase::forward);
  if (runner_ == nullptr) {
    runner_ = std::make_unique<NetRunner<float>>(net_, options_.batch, options_.purpose,
                                                 options_.dropout);
    runner_->time_layers(clock_);
    rows_.resize(input.rows.size());
  }
  for (std::size_t i = 0; i < state_.parameters().size(); ++i) {
    std::ranges::copy(state_.read(i), runner_->parameter(i).begin());
  }
  to_canonical_rows(shapes_.front().in, input.rows, rows_);
  runner_->forward({.rows = rows_,
                    .labels = input.labels,
                    .row_weights = input.row_weights,
                    .other_labels = input.other_labels,
                    .other_shares = input.other_shares,
                    .seed = input.seed,
                    .step = input.step,
                    .first_row = input.first_row});
  clock_.add_step();
  order_.finish(Phase::forward);
}

void ReferenceProgram::backward(const StepInput& input) {
  runner_->backward();
  if (options_.purpose == Purpose::training) take_gradients(input);
  order_.start(Phase::backward);  // only here: a backward that failed may be asked for again
  order_.finish(Phase::backward);
}

void ReferenceProgram::take_gradients(const StepInput& input) {
  for (std::size_t i = 0; i < state_.parameters().size(); ++i) {
    Parameter& parameter = state_.parameters()[i];
    if (net_.layers[infos_[i].layer].learning.frozen) {
      std::ranges::fill(parameter.gradient.values(), 0.0F);
      continue;
    }
    parameter.layout->from_canonical(runner_->gradient(i), parameter.gradient.values());
  }
  state_.gradient_rows = std::accumulate(input.row_weights.begin(), input.row_weights.end(), 0.0);
}

void ReferenceProgram::update(const StepInput& input) {
  order_.start(Phase::update);
  if (state_.gradient_rows == 0.0) return;  // no row counted: no mean to follow, nothing moves
  for (std::size_t i = 0; i < infos_.size(); ++i) {
    const UpdateFactors factors =
        update_factors(options_.rule, net_, infos_[i], input, state_.gradient_rows);
    if (factors.still) continue;
    clock_.time(infos_[i].layer, &LayerRecord::update_seconds, [&] {
      std::visit(Update{factors, state_.parameters()[i]}, options_.rule);
    });
  }
  ++state_.version;
}

void ReferenceProgram::curvature(const StepInput& input) {
  order_.start(Phase::curvature);
  mean_curvature(net_, state_, *runner_,
                 std::accumulate(input.row_weights.begin(), input.row_weights.end(), 0.0));
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

Tensor ReferenceProgram::row_gradients() const {
  Tensor copy{row_gradient_shape(net_, options_, shapes_, order_)};
  std::ranges::copy(runner_->input_gradient(), copy.values().begin());
  return copy;
}

std::size_t ReferenceProgram::bytes() const {
  const auto rows = static_cast<std::size_t>(options_.batch * shapes_.front().in.elements());
  const bool curved = options_.purpose == Purpose::training &&
                      std::holds_alternative<DiagonalLmRule>(options_.rule);
  return net_runner_bytes<float>(net_, options_.batch, options_.purpose) + rows * sizeof(float) +
         (curved ? net_runner_squares_bytes<float>(net_, options_.batch) : 0);
}

}  // namespace sluice::reference
