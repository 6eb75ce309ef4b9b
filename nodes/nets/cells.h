// Words that the options of several nets share, and the layers they stand for.
//
// An option that is not given is the variant's: a variant sets defaults and nothing else.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nodes/nets/layer_list.h"
#include "runtime/net/layer_spec.h"

namespace sluice::nodes {

enum class Activation { relu, tanh };
enum class Switch { off, on };

// Normalisation across maps.
struct LrnCells {
  std::optional<Switch> use{};
  std::optional<int> size{};
  std::optional<double> alpha{};
  std::optional<double> beta{};
  std::optional<double> k{};
  std::optional<Lrn::Alpha> reading{};
};

// How weights and biases start. A deviation that is given makes the weights normal, a bias that is
// given makes the biases constant.
struct StartCells {
  std::optional<Start::Weights> weights{};
  std::optional<double> deviation{};
  std::optional<Start::Biases> biases{};
  std::optional<double> bias{};
};

template <class T>
void fall_back(std::optional<T>& cell, const std::optional<T>& variant) {
  if (!cell) cell = variant;
}
void fall_back(LrnCells& cells, const LrnCells& variant);
void fall_back(StartCells& cells, const StartCells& variant);

// Of complete cells, within `towers` runs of maps.
Lrn lrn_of(const LrnCells& cells, int towers);

// The layer "relu6" or "tanh6".
void add_activation(LayerList& layers, Activation activation, std::string_view number);

// One of `valid` by its name; throws Error{usage} that lists them.
void check_variant(std::string_view net, std::string_view variant,
                   const std::vector<std::string>& valid);

}  // namespace sluice::nodes
