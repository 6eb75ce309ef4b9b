// How a net learns, from a recipe: rule, loss, factors of layers, schedule.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "io/recipe.h"
#include "runtime/backend/backend.h"
#include "runtime/backend/replicas.h"
#include "runtime/net/net.h"
#include "runtime/schedule/schedule.h"

namespace sluice::nodes {

// The loss that train.loss names, and what train.bias_rate, .bias_decay, .layer_rates,
// .layer_decays and .freeze say of the layers. Throws Error{usage} that names the key.
void apply_learning(const io::Recipe& recipe, Net& net);

UpdateRule update_rule(const io::Recipe& recipe);
StepDivision step_division(const io::Recipe& recipe);
// Images that one program holds at once: a micro-batch, or what a replica has of the batch.
int rows_at_once(const io::Recipe& recipe);
// Throws Error{usage} for bf16 on a processor without instructions for it, unless run.allow_slow.
Precision precision(const io::Recipe& recipe);

RateSpec rate_spec(const io::Recipe& recipe);

// The rate of a step, where some stretch of the run falls by steps; an empty function otherwise.
// Negative: the epoch's rate holds. With all amendments.
std::function<double(std::int64_t step)> rate_by_step(const io::Recipe& recipe);

// Names of a net's layers in order, empty for those without parameters.
std::vector<std::string> learning_layers(const Net& net);

}  // namespace sluice::nodes
