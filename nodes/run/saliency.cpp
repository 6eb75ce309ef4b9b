#include "nodes/run/saliency.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "nodes/run/run_phase.h"

namespace sluice::nodes {
namespace {

void run(Program& program, Phase phase, std::span<const float> row, int of_class) {
  const std::array<std::int32_t, 1> labels{of_class};
  const std::array<float, 1> weights{1.0F};
  run_phase(program, phase,
            {.rows = row, .labels = labels, .row_weights = weights, .last = Phase::backward});
}

}  // namespace

void look_at(Program& program, std::span<const float> row, int of_class) {
  run(program, Phase::forward, row, of_class);
}

std::vector<float> saliency_of(Program& program, std::span<const float> row, int of_class) {
  run(program, Phase::backward, row, of_class);
  const Tensor gradients = program.row_gradients();
  return largest_slopes(gradients.values(), static_cast<std::size_t>(gradients.shape()[1]));
}

std::vector<float> largest_slopes(std::span<const float> gradients, std::size_t channels) {
  std::vector<float> largest(gradients.size() / channels, 0.0F);
  for (std::size_t i = 0; i < gradients.size(); ++i) {
    float& pixel = largest[i % largest.size()];
    pixel = std::max(pixel, std::abs(gradients[i]));
  }
  return largest;
}

}  // namespace sluice::nodes
