// A net compiled for a device, as plain data: which arrays stand where, and the operations of each
// phase. Pure: the same net and options give the same plan, whether there is a device or not.
#pragma once

#include <string>
#include <vector>

#include "runtime/backend/cudnn/operation.h"
#include "runtime/backend/cudnn/parameter_arrangement.h"
#include "runtime/backend/cudnn/step_layout.h"
#include "runtime/backend/placement.h"

namespace sluice::cudnn {

struct Plan {
  // A forward is one of the first two, by what the rows are, and then `forward`.
  std::vector<Operation> take_rows, take_bytes;
  std::vector<Operation> forward, backward, update;
  Array scores, losses;     // whole until forward is over
  std::vector<Array> kept;  // one an entry of ProgramOptions::keep, whole until the next forward
  StepLayout step;
  std::size_t program_bytes = 0;
  std::size_t unshared_bytes = 0;  // what the same arrays would take side by side
  std::int64_t input_values = 0;   // of a batch's rows

  const std::vector<Operation>& phase(Phase phase) const;
};

struct PlanOptions {
  const Net& net;
  const std::vector<LayerShapes>& shapes;
  const ProgramOptions& options;
  const ParameterArrangement& parameters;
  Sharing sharing = Sharing::by_lifetime;  // none: only to compare with
};

Plan plan_program(const PlanOptions& of);

// Work that one list hands to a device: kernels of our own one by one, a call of a vendor's library
// as one.
int launches(const std::vector<Operation>& operations);

}  // namespace sluice::cudnn
