// Two or more recipes side by side: what their chains cost, how fast runs would be, how right their
// nets become.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "graph/account/student.h"
#include "nodes/run/contact_sheet.h"
#include "nodes/run/listener.h"
#include "nodes/run/together_costs.h"
#include "runtime/account.h"

namespace sluice::nodes {

enum class Pipelines {
  one_each,  // recipes one after the other
  one,       // all of them branches of one pipeline (together.h)
};

struct CompareRequest {
  int rounds = 3;        // profiles of each chain, in turns
  double seconds = 4.0;  // of each profile
  // Trains each recipe with so many seeds, for its own train.epochs or train.steps; 0: none.
  int seeds = 0;
  std::filesystem::path out;  // where those runs lie; gone on with where they were stopped
  // `one`: also what the chains cost together; recipes of one seed are trained side by side.
  Pipelines pipelines = Pipelines::one_each;
};

struct ComparedNode {
  std::string node;
  double microseconds = 0.0;  // CPU an image, the median over rounds
};

// How fast whole runs are; of the first recipe as it was measured.
struct WholeRate {
  Rate rate;
  bool predicted = false;
};

struct ComparedRecipe {
  std::string name;
  std::vector<ComparedNode> nodes;   // of its chain, `read` first
  std::vector<double> rates;         // images a second of the chain alone, one a round
  std::optional<WholeRate> whole{};  // none: not asked for, or too short to say
  std::vector<double> losses{};      // of training in the last epoch, one a seed
  std::vector<double> top1{};        // of the last epoch, one a seed: 0 to 1
  std::vector<double> per_class{};   // likewise, mean over classes
  std::vector<double> seconds{};     // of training, one a seed
};

struct Comparison {
  std::vector<ComparedRecipe> recipes;
  std::optional<TogetherCosts> together{};
};

// Against the first recipe. Of shares the difference, of rates its logarithm's.
struct ComparedPair {
  graph::MeanOf log_rate;
  graph::MeanOf top1;
  graph::MeanOf per_class;
};
ComparedPair against(const ComparedRecipe& first, const ComparedRecipe& other);

// "no difference shown", "more", "less"; empty where there are fewer than two values.
std::string words_of(const graph::MeanOf& difference);

// Profiles to the batch in turns, each recipe's whole step once (where the recipes' nets are the
// same, that of the first alone: the others are predicted), then the trainings, one seed after the
// other. Throws Error{usage} before the first batch, Error{interrupted} when stopped: what was
// trained stays and is gone on with.
Comparison compare(std::span<const SheetChain> recipes, const CompareRequest& request,
                   const Listener& listener, std::stop_token stop);

}  // namespace sluice::nodes
