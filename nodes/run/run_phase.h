// A phase that the calling thread waits for: for who runs a net outside a pipeline.
#pragma once

#include "runtime/backend/backend.h"

namespace sluice::nodes {

// Throws what the phase failed with. Inside the arena; never in a node's body.
void run_phase(Program& program, Phase phase, const StepInput& input);

}  // namespace sluice::nodes
