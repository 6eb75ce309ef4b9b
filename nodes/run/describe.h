// A net and what a training step of it takes, told before anything is trained.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "io/recipe.h"
#include "runtime/backend/backend.h"
#include "runtime/backend/primitives.h"
#include "runtime/net/net.h"

namespace sluice::nodes {

// Memory of one training step, in bytes; preparation apart.
struct StepMemory {
  std::size_t parameters = 0;   // values, gradients and velocities
  std::size_t activations = 0;  // and their gradients, workspaces, copies of weights
  std::size_t input = 0;        // the rows it reads
  // How much more the process held at most while it ran one step, than before the net was made; of
  // `describe --measure`.
  std::optional<std::size_t> measured{};

  std::size_t planned() const { return parameters + activations + input; }
};

struct Description {
  Net net;
  std::vector<LayerCost> layers;
  // Of a step as the recipe has it.
  std::string backend;
  int rows = 0;  // that a program holds at once
  Precision precision = Precision::f32;
  StepMemory memory;
  // Primitives that run the library's reference code, or convolutions as a general matrix product:
  // narrow layers have nothing better.
  std::vector<UsedPrimitive> slow;
};

enum class Measure { no, one_step };

// Compiles a training step, and runs one on zeros where it is to be measured. Throws Error{usage}
// for a net or a precision that the backend does not take, or more memory than the machine has.
Description describe(const io::Recipe& recipe, Measure measure);

}  // namespace sluice::nodes
