// What a recipe's [run] keys come to on this machine.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "graph/arena_ledger.h"
#include "io/nodes_json.h"
#include "io/recipe.h"
#include "nodes/run/listener.h"
#include "nodes/run/net_memory.h"
#include "runtime/arena.h"
#include "runtime/backend/backend.h"

namespace sluice::nodes {

struct Machine {
  std::unique_ptr<Arena> arena;
  std::unique_ptr<graph::ArenaLedger> ledger;  // of the whole process
  std::unique_ptr<Backend> backend;
  std::size_t preparation_bytes = 0;  // --memory
  std::size_t data_bytes = 0;         // of the data sets that are open (image_source.h)
  std::size_t beside_bytes = 0;       // of nets that were made before, to be trained side by side
  std::size_t beside_taken = 0;       // of those, what is in use by now
};

struct MachineUse {
  std::size_t data_bytes = 0;     // as Machine's
  std::filesystem::path cache{};  // folder of measured results; empty: they are not kept
};

// By the main thread, once. Throws Error{usage} for a backend, an arithmetic or an amount of memory
// this machine does not have.
Machine open_machine(const io::Recipe& recipe, const MachineUse& use = {});

// The recipe's backend alone; `cache` as in MachineUse. Throws like open_machine.
std::unique_ptr<Backend> open_backend(const io::Recipe& recipe, const std::filesystem::path& cache);

// Where what was measured is kept for runs that write to `out`: data.cache, else .sluice-cache
// beside it; empty without both.
std::filesystem::path cache_folder(const io::Recipe& recipe, const std::filesystem::path& out);

// Throws Error{usage} where the machine's backend only plans. For all that runs a net.
void require_usable(const Machine& machine);

// Throws Error{usage} where the cost of each layer is asked for and `backend` cannot tell it.
void check_layer_times(LayerTimes times, const Backend& backend);

// Says in one line what `--backend auto` takes where a device that this build could use cannot be.
void tell_backend(const io::Recipe& recipe, const Machine& machine, const Listener& listener);

// Throws Error{usage} for a run.memory that is no number of bytes, on any machine.
void check_memory_text(const io::Recipe& recipe);

// Versions and processor, for the account's file.
io::Machine described_machine();

// How preparation's memory is shared by the training and the validation pipeline, which never run
// at the same time but both keep their slots.
struct MemoryShares {
  std::size_t training = 0;
  std::size_t validation = 0;
};
MemoryShares share_memory(std::size_t preparation_bytes);

// The batches that a pipeline prepares, and the flag that says how large they are.
struct PreparedBatches {
  int images = 1;
  std::string_view flag = "--batch";
  std::size_t memory = 0;            // the pipeline's, of preparation's
  const Program* program = nullptr;  // that takes them: as bytes, or else as floats
  std::int64_t row_pixels = 0;       // of a row; 0: of the net's square
};

// Throws Error{usage} when a pipeline's slots need more than its memory, with what would do: pieces
// of a step need slots for all of it. The pipeline counts exactly; this says it before anything is
// made.
void check_preparation_memory(const io::Recipe& recipe, const Machine& machine, const Net& net,
                              const PreparedBatches& batches);

// Throws Error{usage} when preparation, data and net together need more than the machine has, with
// what would fit. Programs take their memory in their first step: nothing has been touched by then.
void check_total_memory(const Machine& machine, const NetMemory& net);

// The same for the parameters alone, before they are made: without them nothing can be compiled.
// `replicas`: copies of the net, each with parameters of its own.
void check_parameter_memory(const Machine& machine, const Net& net, NetUse use, int replicas = 1);

// The same as a line for people, said at every start.
std::string total_memory_text(const Machine& machine, std::size_t net_bytes);
std::size_t total_memory(const Machine& machine, std::size_t net_bytes);

}  // namespace sluice::nodes
