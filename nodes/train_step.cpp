#include "nodes/train_step.h"

#include <utility>

#include "runtime/schedule/schedule.h"

namespace sluice::nodes {
namespace {

// Runs forward and keeps what nodes behind it read, before the token can go on.
void run_forward(const StepContext& context, graph::Batch& batch, Completion done) {
  Program* program = context.program;
  program->run(Phase::forward, step_input(batch, *context.clock),
               [program, &batch, done = std::move(done)](std::exception_ptr failure) {
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

StepInput step_input(const graph::Batch& batch, const TrainingClock& clock) {
  return {.rows = batch.rows,
          .labels = batch.labels,
          .row_weights = batch.row_weights,
          .seed = clock.seed,
          .step = batch.step,
          .first_row = 0,
          .rate = batch.rate,
          .layer_rates = clock.layer_rates};
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
  run_forward(context, batch, std::move(done));
}

void Backward::run(graph::Batch& batch, Completion done) {
  context.program->run(Phase::backward, step_input(batch, *context.clock), std::move(done));
}

void Update::run(graph::Batch& batch, Completion done) {
  context.program->run(Phase::update, step_input(batch, *context.clock), std::move(done));
}

void Keep::run(graph::Batch& batch, Completion done) {
  keep(batch);
  done(nullptr);
}

void Evaluate::run(graph::Batch& batch, Completion done) {
  run_forward(context, batch, std::move(done));
}

}  // namespace sluice::nodes
