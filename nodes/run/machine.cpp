#include "nodes/run/machine.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <string>

#include "runtime/backend/make_backend.h"
#include "runtime/error.h"
#include "runtime/memory.h"

namespace sluice::nodes {
namespace {

constexpr std::size_t kMostByDefault = std::size_t{2} << 30;

std::size_t preparation_bytes(const io::Recipe& recipe) {
  const std::size_t machine = machine_memory_bytes();
  const std::string& text = recipe.text("run.memory");
  if (text == "auto") return std::min(machine / 8, kMostByDefault);
  const std::size_t bytes = io::parse_bytes(text, "run.memory");
  require(bytes <= machine, "run.memory = {} is more than this machine's {}; valid: up to that",
          text, io::format_bytes(machine));
  return bytes;
}

// Address space that a thread may yet take: its stack, and what malloc keeps for it.
constexpr std::size_t kThreadSpace = std::size_t{72} << 20;

std::size_t address_space_in_use() {
  std::size_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  return pages * static_cast<std::size_t>(sysconf(_SC_PAGE_SIZE));
}

// The net has its memory by now, preparation has not. Libraries that run out of address space in
// the middle of a run end without a word, so it is counted before.
void check_address_space(const Machine& machine) {
  rlimit space{};
  if (::getrlimit(RLIMIT_AS, &space) != 0 || space.rlim_cur == RLIM_INFINITY) return;
  const auto threads = static_cast<std::size_t>(machine.arena->threads()) + 2;
  const std::size_t needed =
      address_space_in_use() + machine.preparation_bytes + threads * kThreadSpace;
  require(needed <= space.rlim_cur,
          "memory: the limit of address space (ulimit -v) is {}, this run needs about {}; raise "
          "it, or take a smaller --memory or fewer --threads",
          io::format_bytes(static_cast<std::size_t>(space.rlim_cur)), io::format_bytes(needed));
}

}  // namespace

Machine open_machine(const io::Recipe& recipe) {
  Machine machine;
  machine.backend = make_backend(recipe.text("run.backend"));
  machine.preparation_bytes = preparation_bytes(recipe);
  machine.arena = std::make_unique<Arena>(static_cast<int>(recipe.integer("run.threads")));
  machine.ledger =
      std::make_unique<graph::ArenaLedger>(*machine.arena, graph::Home::calling_thread);
  return machine;
}

io::Machine described_machine() {
  io::Machine machine{.versions = {{"sluice", "0.1.0"}}, .cpu = "unknown"};
  for (const std::string& backend : available_backends())
    machine.versions["backend." + backend] = "f32";
  std::ifstream facts("/proc/cpuinfo");
  for (std::string line; std::getline(facts, line);) {
    if (line.starts_with("model name")) {
      machine.cpu = line.substr(std::min(line.find(':') + 2, line.size()));
      break;
    }
  }
  return machine;
}

MemoryShares share_memory(std::size_t preparation_bytes) {
  const std::size_t validation = preparation_bytes / 3;
  return {.training = preparation_bytes - validation, .validation = validation};
}

void check_total_memory(const Machine& machine, std::size_t net_bytes) {
  const std::size_t all = machine_memory_bytes();
  require(
      machine.preparation_bytes + net_bytes <= all,
      "preparation ({}) and net ({}) need more than this machine's {}; take a smaller --batch or "
      "--memory",
      io::format_bytes(machine.preparation_bytes), io::format_bytes(net_bytes),
      io::format_bytes(all));
  check_address_space(machine);
}

std::string total_memory_text(std::size_t preparation_bytes, std::size_t net_bytes) {
  const std::size_t together = preparation_bytes + net_bytes;
  return fmt::format("memory: net {}, preparation {}, together {} ({} bytes)",
                     io::format_bytes(net_bytes), io::format_bytes(preparation_bytes),
                     io::format_bytes(together), together);
}

}  // namespace sluice::nodes
