// Everything of a run's first steps in files, so that another program can compute them again
// (tests/parity).
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "graph/batch.h"
#include "io/safetensors.h"
#include "runtime/backend/backend.h"
#include "runtime/net/net.h"
#include "runtime/net/net_state.h"

namespace sluice::nodes {

struct DumpRequest {
  std::filesystem::path folder;
  std::int64_t steps = 3;  // of this process, from its first one
  UpdateRule rule{};
  std::string recipe{};  // resolved, as TOML
};

// Throws Error{usage} for a folder that holds something already: files of two runs in one folder
// would pass for one run's.
void check_dump_folder(const std::filesystem::path& folder);

// The layers whose outputs a dump holds: ProgramOptions::keep of the program that it looks at.
std::vector<std::string> dumped_layers(const Net& net);

// Writes FOLDER/step-000000.safetensors for each step, all tensors f32 in canonical layouts
// (layer_spec.h; NAME is the parameter's name in weight files, LAYER a dropout layer's name):
//   before.NAME, velocity_before.NAME   weights and velocities that the step starts from
//   rows                                (batch, height, width, channels), as the net reads them
//   labels, row_weights                 (batch)
//   mask.LAYER                          (batch, ...): 1 for a unit that stays, 0 for a dropped one
//   read.PREFIX                         (batch, ...): what a layer with parameters read, of all but
//                                       the first; PREFIX as in weight files
//   scores, row_losses                  (batch, classes), (batch)
//   gradient_rows                       (1): the sum of row weights behind the gradients
//   gradient.NAME                       sums over the rows, not divided
//   after.NAME, velocity_after.NAME
// with step, rate, rule and recipe as metadata "sluice.*"; rows, labels, scores and row losses once
// more as step-000000.ROWS.npy and so on; and FOLDER/net.txt, the layers for human readers.
//
// Tensors go to the disk while the step runs: it needs the memory of one parameter. A step appears
// under its name when all of it is there (atomic_file.h). Calls in this order, one thread at a
// time, while nothing changes the net; errors of the disk are Error{run}.
class StepDump {
 public:
  // Makes the folder and writes net.txt into it; Error{usage} when that cannot be done. `net`,
  // `state` and `program`, which keeps `dumped_layers`, must outlive it.
  StepDump(DumpRequest request, const Net& net, const NetState& state, const Program& program);

  // Behind forward (which changes no weights) and before backward.
  void before(const graph::Batch& batch, const StepInput& input);
  void after_backward(const graph::Batch& batch);
  void after_update(const graph::Batch& batch);

 private:
  void open(const graph::Batch& batch, const StepInput& input);
  io::Metadata metadata(const graph::Batch& batch, const StepInput& input) const;
  void add_masks(const StepInput& input);
  template <class Read>
  void add_parameters(Read read);
  void write_npys(const graph::Batch& batch) const;

  DumpRequest request_;
  const Net& net_;
  const NetState& state_;
  const Program& program_;
  std::vector<LayerShapes> shapes_;
  std::unique_ptr<io::SafetensorsWriter> file_;  // of the step on its way
};

}  // namespace sluice::nodes
