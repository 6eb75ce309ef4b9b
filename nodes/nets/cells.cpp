#include "nodes/nets/cells.h"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/error.h"

namespace sluice::nodes {

void fall_back(LrnCells& cells, const LrnCells& variant) {
  fall_back(cells.use, variant.use);
  fall_back(cells.size, variant.size);
  fall_back(cells.alpha, variant.alpha);
  fall_back(cells.beta, variant.beta);
  fall_back(cells.k, variant.k);
  fall_back(cells.reading, variant.reading);
}

void fall_back(StartCells& cells, const StartCells& variant) {
  if (cells.deviation) {
    fall_back(cells.weights, std::optional(Start::Weights::normal));
    fall_back(cells.biases, std::optional(Start::Biases::constant));
  }
  if (cells.bias) fall_back(cells.biases, std::optional(Start::Biases::constant));
  fall_back(cells.weights, variant.weights);
  fall_back(cells.deviation, variant.deviation);
  fall_back(cells.biases, variant.biases);
  fall_back(cells.bias, variant.bias);
}

Lrn lrn_of(const LrnCells& cells, int towers) {
  return {.size = *cells.size,
          .alpha = *cells.alpha,
          .beta = *cells.beta,
          .k = *cells.k,
          .towers = towers,
          .reading = *cells.reading};
}

void add_activation(LayerList& layers, Activation activation, std::string_view number) {
  if (activation == Activation::relu) layers.add(fmt::format("relu{}", number), Relu{});
  if (activation == Activation::tanh) layers.add(fmt::format("tanh{}", number), Tanh{});
}

void check_variant(std::string_view net, std::string_view variant,
                   const std::vector<std::string>& valid) {
  require(std::find(valid.begin(), valid.end(), variant) != valid.end(),
          "{} has no variant '{}'; valid: {}", net, variant, fmt::join(valid, ", "));
}

}  // namespace sluice::nodes
