// What the verdict wants to know of a run beside its account.
#pragma once

#include "graph/account/facts.h"
#include "graph/pipeline.h"
#include "io/recipe.h"
#include "nodes/run/machine.h"

namespace sluice::nodes {

enum class StepOn { real_program, stand_in };

// Of a run of `recipe` with this pipeline. Alternatives: to leave out nodes that only vary
// images.
graph::RunFacts run_facts(const io::Recipe& recipe, const Machine& machine,
                          const graph::Pipeline& pipeline, StepOn step = StepOn::real_program);

}  // namespace sluice::nodes
