// Which nodes several chains begin with: those that can be run once for all of them.
#pragma once

#include <cstddef>
#include <span>

#include "io/recipe.h"
#include "runtime/statistics.h"

namespace sluice::nodes {

// A recipe's chain, and what its nodes know of the training images. Refers to both.
struct StatedChain {
  std::span<const io::ChainEntry> entries;
  const Statistics& statistics;
};

// How many of the stages that make_chain gives are the same at the begin of all chains: equal
// nodes, names and given parameters, of a group also its members, and equal statistics where a node
// takes any. Throws like make_chain.
std::size_t shared_stages(std::span<const StatedChain> chains);

}  // namespace sluice::nodes
