// What train refuses before anything is made for reasons of the recipe, and with it all verbs that
// speak about training.
#pragma once

#include <optional>

#include "io/dataset.h"
#include "io/recipe.h"
#include "runtime/extent.h"
#include "runtime/net/net.h"

namespace sluice::nodes {

// What of the data a recipe is checked against.
struct DataFacts {
  int classes = 0;
  std::optional<Extent> extent{};  // of all images, where they have one
  bool validates = true;           // there are images to validate on
};
DataFacts facts_of(const io::Split& data);

// Before data are named: the digits of MNIST for LeNet-5, else files of any size in 1000 classes.
// Validation is taken to be there.
DataFacts usual_data(const io::Recipe& recipe);

// The recipe's net for as many classes as it says, else as the data have. Throws Error{usage} with
// one line for every key that cannot be: of net, rule, schedules and amendments, chain (its end
// apart), parts of a step, memory, checkpoints, and keys that change nothing (heard.h).
Net checked_net(const io::Recipe& recipe, const DataFacts& data);

// The same, and whether every image comes out of the chain as the net takes it.
Net checked_training_net(const io::Recipe& recipe, const DataFacts& data);

// Of a run that begins at step 0: the weights that it starts from.
void check_starting_weights(const io::Recipe& recipe, const Net& net);

}  // namespace sluice::nodes
