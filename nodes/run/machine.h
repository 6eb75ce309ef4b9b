// What a recipe's [run] keys come to on this machine.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "graph/arena_ledger.h"
#include "io/nodes_json.h"
#include "io/recipe.h"
#include "nodes/run/net_memory.h"
#include "runtime/arena.h"
#include "runtime/backend/backend.h"

namespace sluice::nodes {

struct Machine {
  std::unique_ptr<Arena> arena;
  std::unique_ptr<graph::ArenaLedger> ledger;  // of the whole process
  std::unique_ptr<Backend> backend;
  std::size_t preparation_bytes = 0;  // --memory
};

// By the main thread, once. Throws Error{usage} for a backend or an amount of memory this machine
// does not have.
Machine open_machine(const io::Recipe& recipe);

// Versions and processor, for the account's file.
io::Machine described_machine();

// How preparation's memory is shared by the training and the validation pipeline, which never run
// at the same time but both keep their slots.
struct MemoryShares {
  std::size_t training = 0;
  std::size_t validation = 0;
};
MemoryShares share_memory(std::size_t preparation_bytes);

// Throws Error{usage} when preparation and net together need more than the machine has, with what
// would fit. Programs take their memory in their first step: nothing has been touched by then.
void check_total_memory(const Machine& machine, const NetMemory& net);

// The same for the parameters alone, before they are made: without them nothing can be compiled.
// `replicas`: copies of the net, each with parameters of its own.
void check_parameter_memory(const Machine& machine, const Net& net, NetUse use, int replicas = 1);

// The same as a line for people, said at every start.
std::string total_memory_text(std::size_t preparation_bytes, std::size_t net_bytes);

}  // namespace sluice::nodes
