// The account as `nodes.json`, and back.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "runtime/account.h"

namespace sluice::io {

// What the account does not know itself.
struct Machine {
  std::map<std::string, std::string> versions;  // "sluice", "onednn", ...
  std::string cpu;                              // the processor's name
};

// "threads", "step" or "own"
std::string_view lane_name(Lane lane);

// One JSON document: versions, cpu, wall_seconds, threads, cores; nodes (all of a NodeRecord, and
// items_per_second); devices (all of a DeviceRecord; none on the CPU); layers (all of a
// LayerRecord; none unless asked for); account (cpu_seconds_process, cpu_seconds_attributed,
// cpu_seconds_overheads by name, gap_percent); process (all of a ProcessUsage); verdict (all of a
// Verdict); predictions (all of a ThreadPrediction; none unless asked for).
// apps/schemas/nodes.schema.json says the same for programs.
std::string nodes_json(const AccountRecord& account, const Machine& machine);

// Whole or not at all; Error{run}.
void write_nodes_json(const std::filesystem::path& path, const AccountRecord& account,
                      const Machine& machine);

// What such a file says.
struct NodesFile {
  AccountRecord account;
  Machine machine;
};

// Of a document as nodes_json writes it: every key must be there and of its kind, others are passed
// by. Throws Error{usage} in one line that names `file` and the key.
NodesFile parse_nodes_json(std::string_view text, const std::string& file);
// The same from disk; a file that cannot be read is Error{usage} too.
NodesFile read_nodes_json(const std::filesystem::path& path);

}  // namespace sluice::io
