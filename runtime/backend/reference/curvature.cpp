#include "runtime/backend/reference/curvature.h"

#include <algorithm>
#include <numeric>

#include "runtime/backend/reference/canonical_rows.h"

namespace sluice::reference {
namespace {

NetRunner<float> runner_after_forward(const Net& net, const NetState& state,
                                      const StepInput& input) {
  NetRunner<float> runner(net, static_cast<int>(input.labels.size()), Purpose::training);
  for (std::size_t i = 0; i < state.parameters().size(); ++i) {
    std::ranges::copy(state.read(i), runner.parameter(i).begin());
  }
  std::vector<float> rows(input.rows.size());
  to_canonical_rows({net.channels, net.side, net.side}, input.rows, rows);
  runner.forward({.rows = rows,
                  .labels = input.labels,
                  .row_weights = input.row_weights,
                  .other_labels = input.other_labels,
                  .other_shares = input.other_shares,
                  .seed = input.seed,
                  .step = input.step,
                  .first_row = input.first_row});
  return runner;
}

}  // namespace

void mean_curvature(const Net& net, NetState& state, NetRunner<float>& runner, double rows) {
  if (rows == 0.0) return;  // no mean
  runner.curvature();
  for (std::size_t i = 0; i < state.parameters().size(); ++i) {
    Parameter& parameter = state.parameters()[i];
    if (net.layers[parameter.info.layer].learning.frozen) continue;
    std::vector<float> mean(runner.curvature_sum(i).begin(), runner.curvature_sum(i).end());
    for (float& h : mean) h = static_cast<float>(static_cast<double>(h) / rows);
    parameter.layout->from_canonical(mean, parameter.velocity.values());
  }
}

void mean_curvature(const Net& net, NetState& state, const StepInput& input) {
  NetRunner<float> runner = runner_after_forward(net, state, input);
  const double rows = std::accumulate(input.row_weights.begin(), input.row_weights.end(), 0.0);
  mean_curvature(net, state, runner, rows);
}

// The canonical rows are gone when the squares are made.
std::size_t mean_curvature_bytes(const Net& net, int batch) {
  const auto row = static_cast<std::size_t>(net.channels * net.extent().pixels());
  return net_runner_bytes<float>(net, batch, Purpose::training) +
         std::max(net_runner_squares_bytes<float>(net, batch),
                  static_cast<std::size_t>(batch) * row * sizeof(float));
}

}  // namespace sluice::reference
