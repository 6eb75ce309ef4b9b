// Phases that are run and waited for, and what is compared of steps afterwards.
#pragma once

#include <span>
#include <vector>

#include "runtime/backend/backend.h"
#include "tests/support/layer_cases.h"

namespace sluice::test {

// Runs a phase to its end; throws what `done` was told. A `done` told twice throws too.
void run_now(Program& program, Phase phase, const StepInput& input);

std::vector<float> canonical_gradient(const Parameter& parameter);

// Values of the rows of a case that count: others mean nothing. As many values a row as there are.
std::vector<float> counting(const LayerCase& c, std::span<const float> values);

// Whether diagonal Levenberg-Marquardt takes the net.
bool has_curvature(const Net& net);

double norm(std::span<const float> values);

// |a - b| / |b|; huge where the sizes differ or something is not a number.
double difference(std::span<const float> a, std::span<const float> b);

}  // namespace sluice::test
