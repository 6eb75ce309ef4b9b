// Puts plants into a pipeline that is being wired.
#pragma once

#include <vector>

#include "graph/stream.h"
#include "tests/bench/planted/plant.h"

namespace sluice::bench {

// Wraps the nodes that the plants name: `read`, `decode`, nodes of the chain, and batch nodes.
// Throws Error{usage} for a name that this pipeline does not have, with those it has.
void plant_into(graph::BatchStream& stream, const std::vector<Plant>& plants);

}  // namespace sluice::bench
