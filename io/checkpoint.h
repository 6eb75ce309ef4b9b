// The whole state of a run in one safetensors file: weights under the names that weight files use,
// velocities beside them as "velocity.NAME", everything else as metadata "sluice.*". A checkpoint
// is a weights file too.
//
// Writers: whole or not at all, Error{run}. Readers: Error{usage} that names the file; a file that
// its checksum does not fit is refused before anything of it is used.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "io/data_identity.h"
#include "io/training_state.h"
#include "io/weights.h"
#include "runtime/net/net.h"
#include "runtime/net/net_copy.h"
#include "runtime/net/net_state.h"

namespace sluice::io {

struct Checkpoint {
  WeightsInfo weights;
  TrainingState state;
  DataIdentity data;
  std::string backend;  // that computed it: another one gives other bits
  int threads = 0;      // likewise
};

// `copy` is of the net's parameters, in their order.
void write_checkpoint(const std::filesystem::path& path, const Net& net, const NetCopy& copy,
                      const Checkpoint& checkpoint);

// All but the tensors.
Checkpoint read_checkpoint(const std::filesystem::path& path);

// Fills weights and velocities of `state`, which must be ready for training. Throws before it
// changes anything where the file does not fit; after a disk that fails on the way the state is
// worth nothing.
void read_checkpoint_net(const std::filesystem::path& path, const Net& net, NetState& state);

// The checkpoints of a run folder: RUN/checkpoints/step-000001200.safetensors.
struct CheckpointFile {
  std::int64_t step = 0;
  std::filesystem::path path;
};
// Error{usage} when it cannot be made: nothing has been trained yet.
void make_checkpoint_folder(const std::filesystem::path& run);
std::filesystem::path checkpoint_path(const std::filesystem::path& run, std::int64_t step);
// Newest first; none where there is no such folder. Throws Error{usage} for one that cannot be
// read.
std::vector<CheckpointFile> list_checkpoints(const std::filesystem::path& run);
// Removes all but the newest `keep` up to `step`, the one that was written last.
void prune_checkpoints(const std::filesystem::path& run, std::int64_t step, std::size_t keep);

}  // namespace sluice::io
