// A net and what a training step of it takes, told before anything is trained.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "io/recipe.h"
#include "nodes/upload.h"
#include "runtime/backend/backend.h"
#include "runtime/backend/cudnn/cudnn.h"
#include "runtime/backend/primitives.h"
#include "runtime/net/net.h"

namespace sluice::nodes {

// Memory of one training step, in bytes; preparation apart.
struct StepMemory {
  std::size_t parameters = 0;  // values, gradients and velocities, of all replicas
  // And their gradients, workspaces, copies of weights, sums of pieces; of all replicas. With what
  // measuring second derivatives takes, where the rule needs them.
  std::size_t activations = 0;
  std::size_t input = 0;  // the rows it reads
  // How much more the process held at most while it ran one step, than before the net was made; of
  // `describe --measure`.
  std::optional<std::size_t> measured{};

  std::size_t planned() const { return parameters + activations + input; }
};

// What a training run takes beside its step.
struct RunMemory {
  std::size_t validation = 0;   // its program; 0 where the data have no images for it
  std::size_t checkpoint = 0;   // a copy of the net while it is written; 0: none are
  std::size_t preparation = 0;  // --memory: the step's rows among it

  std::size_t bytes() const { return validation + checkpoint + preparation; }
};

// What a device is sent of a step's images.
struct DescribedUpload {
  RowPlan rows;
  std::size_t bytes = 0;
};

struct Description {
  Net net;
  std::vector<LayerCost> layers;
  // Of a step as the recipe has it.
  std::string backend;
  int batch = 0;  // images of the step
  int rows = 0;   // of them those that a program holds at once
  int replicas = 1;
  // Training is on whole images, of which nothing is known here: figures are of the net's square.
  bool squares_only = false;
  Precision precision = Precision::f32;
  StepMemory memory;
  RunMemory beside;
  // Primitives that run the library's reference code, or convolutions as a general matrix product:
  // narrow layers have nothing better.
  std::vector<UsedPrimitive> slow;
  // Of a step on a device, of as many rows as run at once: layouts, operations, the device's
  // memory.
  std::optional<cudnn::DevicePlan> device{};
  std::optional<DescribedUpload> upload{};  // where there is one
};

enum class Measure { no, one_step };

// Throws Error{usage} for everything that training refuses before its first batch for reasons of
// the recipe (recipe_checks.h; the data count where data.path names some), compiling a narrow twin
// of the net.
void check_trainable(const io::Recipe& recipe);

// Compiles the training step as it is divided, and runs one on zeros where it is to be measured.
// Throws like check_trainable, for a net or a precision that the backend does not take, and, when
// measuring, for more memory than the machine has.
Description describe(const io::Recipe& recipe, Measure measure);

}  // namespace sluice::nodes
