// The account as `nodes.json`.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "runtime/account.h"

namespace sluice::io {

// What the account does not know itself.
struct Machine {
  std::map<std::string, std::string> versions;  // "sluice", "onednn", ...
  std::string cpu;                              // the processor's name
};

// One JSON document: versions, cpu, wall_seconds, threads, nodes (name, place, unit, items_in,
// items_out, items_failed, items_held, busy_seconds, cpu_seconds, items_per_second) and account
// (cpu_seconds_process, cpu_seconds_attributed, gap_percent). What is not measured is not there:
// no starved or blocked seconds, percentiles, bytes held or verdict yet.
std::string nodes_json(const AccountRecord& account, const Machine& machine);

// Whole or not at all; Error{run}.
void write_nodes_json(const std::filesystem::path& path, const AccountRecord& account,
                      const Machine& machine);

}  // namespace sluice::io
