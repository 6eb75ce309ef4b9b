// A chain of all nodes, for what must hold for each. (A file of its own: where operator new is
// replaced, g++ 12 takes inlined containers for mismatched allocations.)
#pragma once

#include "graph/stream.h"

namespace sluice::nodes {

// Two uses of every node of the catalogue, "NAME" and, with a probability, "NAME-sometimes", for
// images of 256 x 256.
graph::Chain whole_catalogue();

}  // namespace sluice::nodes
