#include "nodes/evaluate_dense.h"

#include <algorithm>
#include <array>
#include <utility>

#include "nodes/softmax.h"
#include "runtime/net/dense_form.h"

namespace sluice::nodes {
namespace {

void run_now(Program& program, const StepInput& input) {
  std::exception_ptr failed;
  program.run(Phase::forward, input, [&](std::exception_ptr failure) { failed = failure; });
  if (failed) std::rethrow_exception(failed);
}

}  // namespace

DensePrograms::DensePrograms(const Source& source, std::size_t most_bytes)
    : source_(source), most_bytes_(most_bytes) {}

Program& DensePrograms::of(const Size& size) {
  const auto found = std::ranges::find(entries_, size, &Entry::size);
  if (found != entries_.end()) {
    entries_.splice(entries_.begin(), entries_, found);
    return *entries_.front().program;
  }
  ProgramOptions options = source_.options;
  options.batch = size.rows;
  auto program =
      source_.backend.compile(dense_form(source_.net, size.extent), source_.state, options);
  entries_.push_front({size, std::move(program)});
  ++compiled_;
  std::size_t bytes = 0;
  for (const Entry& entry : entries_) bytes += entry.program->bytes();
  for (; bytes > most_bytes_ && entries_.size() > 1; entries_.pop_back())
    bytes -= entries_.back().program->bytes();
  return *entries_.front().program;
}

void EvaluateDense::run(graph::Batch& batch, Completion done) {
  const auto of_image = static_cast<std::size_t>(classes);
  std::vector<double> means(batch.row_weights.size() * of_image);
  for (std::size_t i = 0; i < batch.row_weights.size(); ++i) {
    if (batch.row_weights[i] == 0.0F) continue;
    evaluate(batch.rows.subspan(i * rows.row_floats(), rows.row_floats()), batch.ids[i].position,
             std::span(means).subspan(i * of_image, of_image));
  }
  take(batch, means);
  done(nullptr);
}

void EvaluateDense::evaluate(std::span<const float> row, std::uint32_t position,
                             std::span<double> mean) {
  static constexpr std::array<std::int32_t, kImages> kLabels{};
  static constexpr std::array<float, kImages> kWeights{1.0F, 1.0F};
  Program& program = programs->of({.extent = CollateWhole::extent_of(row), .rows = kImages});
  std::vector<double> probabilities(mean.size());
  for (int pass = 0; pass < passes.count; ++pass) {
    run_now(program, {.rows = rows.images_of(row),
                      .labels = kLabels,
                      .row_weights = kWeights,
                      .seed = passes.seed,
                      .step = static_cast<std::uint32_t>(pass),
                      .first_row = position * kImages,
                      .last = Phase::forward});
    for (std::size_t image = 0; image < kImages; ++image) {
      softmax(program.scores().subspan(image * mean.size(), mean.size()), probabilities);
      for (std::size_t c = 0; c < mean.size(); ++c)
        mean[c] += probabilities[c] / (kImages * passes.count);
    }
  }
}

}  // namespace sluice::nodes
