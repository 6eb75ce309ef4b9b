#include "nodes/evaluate_views.h"

#include <utility>

#include "nodes/softmax.h"

namespace sluice::nodes {
namespace {

StepInput input_of(const graph::Batch& batch, const Passes& passes, int number) {
  const std::uint32_t position = batch.ids.front().position;
  return {.rows = batch.rows,
          .row_bytes = batch.row_bytes,
          .transforms = batch.transforms,
          .row_image = batch.row_image,
          .labels = batch.labels,
          .row_weights = batch.row_weights,
          .seed = passes.seed,
          .step = static_cast<std::uint32_t>(number),
          .first_row = position * static_cast<std::uint32_t>(batch.views),
          .last = Phase::forward};
}

// Adds the mean over views of each sample's probabilities, times `weight`.
void add_means(std::span<const float> scores, const graph::Batch& batch, double weight,
               std::vector<double>& sums) {
  const std::size_t rows = batch.labels.size(), classes = scores.size() / rows;
  const auto views = static_cast<std::size_t>(batch.views);
  sums.resize(rows / views * classes);
  std::vector<double> probabilities(classes);
  for (std::size_t row = 0; row < rows; ++row) {
    softmax(scores.subspan(row * classes, classes), probabilities);
    double* const sum = sums.data() + row / views * classes;
    for (std::size_t c = 0; c < classes; ++c)
      sum[c] += weight * probabilities[c] / static_cast<double>(views);
  }
}

}  // namespace

std::optional<double> EvaluateViews::device_seconds() const {
  const auto times = program->device_times();
  return times ? std::optional(times->forward_seconds) : std::nullopt;
}

void EvaluateViews::run(graph::Batch& batch, Completion done) {
  sums.clear();
  pass(batch, 0, std::move(done));
}

// A backend may be done before `run` returns, or tell it later from another thread.
void EvaluateViews::pass(graph::Batch& batch, int number, Completion done) {
  program->run(Phase::forward, input_of(batch, passes, number),
               [this, &batch, number, done = std::move(done)](std::exception_ptr failure) {
                 if (failure) return done(failure);
                 add_means(program->scores(), batch, 1.0 / passes.count, sums);
                 if (number + 1 < passes.count) return pass(batch, number + 1, done);
                 take(batch, sums);
                 done(nullptr);
               });
}

}  // namespace sluice::nodes
