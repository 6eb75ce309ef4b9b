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

// One JSON document: versions, cpu, wall_seconds, threads; nodes (all of a NodeRecord, and
// items_per_second); devices (all of a DeviceRecord; none on the CPU); account
// (cpu_seconds_process, cpu_seconds_attributed, cpu_seconds_overheads by name, gap_percent);
// process (all of a ProcessUsage); verdict (limiting_node, resource, text, headroom_percent).
std::string nodes_json(const AccountRecord& account, const Machine& machine);

// Whole or not at all; Error{run}.
void write_nodes_json(const std::filesystem::path& path, const AccountRecord& account,
                      const Machine& machine);

}  // namespace sluice::io
