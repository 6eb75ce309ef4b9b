#include "nodes/train_step.h"

#include <utility>

#include "runtime/schedule/schedule.h"

namespace sluice::nodes {
namespace {

// Behind the last phase keeps what later nodes read, before the token can go on.
void run_phase(Phase phase, const StepContext& context, graph::Batch& batch, Completion done) {
  Program* program = context.program;
  const StepInput input = step_input(batch, *context.clock, context.last);
  if (phase != context.last) return program->run(phase, input, std::move(done));
  program->run(phase, input, [program, &batch, done = std::move(done)](std::exception_ptr failure) {
    if (!failure) {
      const auto scores = program->scores();
      const auto losses = program->row_losses();
      batch.scores.assign(scores.begin(), scores.end());
      batch.row_losses.assign(losses.begin(), losses.end());
    }
    done(failure);
  });
}

}  // namespace

std::optional<double> StepContext::device_seconds(Phase phase) const {
  const auto times = program->device_times();
  if (!times) return std::nullopt;
  if (phase == Phase::forward) return times->forward_seconds;
  return phase == Phase::backward ? times->backward_seconds : times->update_seconds;
}

StepInput step_input(const graph::Batch& batch, const TrainingClock& clock, Phase last) {
  return {.rows = batch.rows,
          .extent = batch.extent,
          .row_bytes = batch.row_bytes,
          .transforms = batch.transforms,
          .row_image = batch.row_image,
          .labels = batch.labels,
          .row_weights = batch.row_weights,
          .other_labels = batch.other_labels,
          .other_shares = batch.other_shares,
          .seed = clock.seed,
          .step = batch.step,
          .first_row = 0,
          .rate = batch.rate,
          .layer_rates = clock.layer_rates,
          .last = last};
}

void Forward::run(graph::Batch& batch, Completion done) {
  TrainingClock& clock = *context.clock;
  batch.step = clock.step++;
  for (const RateChange& change : clock.changes) {
    if (change.step == std::int64_t{batch.step}) clock.rate = change.rate;
  }
  const double by_step = clock.rate_by_step ? clock.rate_by_step(batch.step) : -1.0;
  if (by_step >= 0.0) clock.rate = by_step;
  batch.rate = clock.rate;
  clock.layer_rates = rate_factors(clock.own_rates, clock.rate);
  run_phase(Phase::forward, context, batch, std::move(done));
}

void Backward::run(graph::Batch& batch, Completion done) {
  run_phase(Phase::backward, context, batch, std::move(done));
}

void Update::run(graph::Batch& batch, Completion done) {
  run_phase(Phase::update, context, batch, std::move(done));
}

void Keep::run(graph::Batch& batch, Completion done) {
  keep(batch);
  done(nullptr);
}

void Evaluate::run(graph::Batch& batch, Completion done) {
  StepContext alone = context;
  alone.last = Phase::forward;
  run_phase(Phase::forward, alone, batch, std::move(done));
}

}  // namespace sluice::nodes
