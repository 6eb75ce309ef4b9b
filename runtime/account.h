// The account's plain records: what `graph` measures, `io` writes and people read.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace sluice {

// One node over a run. Images for per-image nodes, batches for batch nodes.
// in = out + failed + held at every kind of end; `failed` counts records that fail HERE (one that
// arrives failed is forwarded and counted nowhere), `held` those that a stop found waiting.
struct NodeRecord {
  std::string name;
  std::string place;  // "cpu", "cuda:0", "waiting"
  std::string unit;   // "image" or "batch"
  std::int64_t items_in = 0;
  std::int64_t items_out = 0;
  std::int64_t items_failed = 0;
  std::int64_t items_held = 0;
  double busy_seconds = 0.0;  // sum over items of the time inside the node
  double cpu_seconds = 0.0;   // thread CPU time, helpers of nested loops included
};

struct AccountRecord {
  std::vector<NodeRecord> nodes;
  double wall_seconds = 0.0;
  double cpu_seconds_process = 0.0;
  double cpu_seconds_scheduler =
      0.0;  // arena threads outside nodes: switching tasks, idle spinning
  double cpu_seconds_attributed = 0.0;  // sum over nodes and named overheads
  int threads = 0;
};

}  // namespace sluice
