// The account's plain records: what `graph` measures, `io` writes and people read.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/process_usage.h"

namespace sluice {

// What a node occupies while it works: lanes of one kind limit each other.
enum class Lane {
  threads,  // any thread of the arena: per-image nodes
  step,     // the net's one step token: forward to update
  own,      // only itself: other batch nodes, the sampler
};

// One node over a run. Images for per-image nodes, batches for batch nodes.
// in = out + failed + held at every kind of end; `failed` counts records that fail HERE (one that
// arrives failed is forwarded and counted nowhere), `held` those that a stop found waiting.
struct NodeRecord {
  std::string name;
  std::string place;  // "cpu", "cuda:0", "waiting"
  std::string unit;   // "image" or "batch"
  Lane lane = Lane::threads;
  std::int64_t items_in = 0;
  std::int64_t items_out = 0;
  std::int64_t items_failed = 0;
  std::int64_t items_held = 0;
  double run_seconds = 0.0;  // how long its pipeline ran
  // Sum over items of the time inside the node; of one that has told a device what to do: how long
  // the device did it, by its own clock, while the node itself was long free again.
  double busy_seconds = 0.0;
  double cpu_seconds = 0.0;  // thread CPU time, helpers of nested loops included
  // Batch nodes of the CPU (but `order`, a passage): busy + starved + blocked = run_seconds;
  // starved: idle, and no batch stood before it; blocked: idle although one did (for the step token
  // or a free thread). Image nodes: starved: thread-seconds in which threads were free, the same
  // for all of them; blocked: while the next image in order waited before it for a slot or for
  // bytes.
  double starved_seconds = 0.0;
  double blocked_seconds = 0.0;
  double queued_seconds = 0.0;  // sum over items of the time between ready and begun
  double p50_ms = 0.0;          // of the time inside the node, within 3 %
  double p90_ms = 0.0;
  double p99_ms = 0.0;
  std::int64_t bytes_held_max = 0;  // most that what this node made took at one time
};

// A device's part of a run. Seconds by its own clock.
struct DeviceRecord {
  std::string place;             // of the nodes that computed on it: "gpu"
  std::string name;              // "NVIDIA H200"
  double compute_seconds = 0.0;  // of all phases
  double copy_seconds = 0.0;     // of rows to it, beside them
  double idle_seconds = 0.0;     // in which no phase ran, between the first and the last
  std::int64_t bytes_copied = 0;
  std::int64_t bytes_held = 0;  // of its memory
};

// CPU of the program that is no node's.
struct Overhead {
  std::string name;  // "scheduler", "spinning", "start-up", "report", "caller"
  double cpu_seconds = 0.0;
};

// A rate and how far it may be off.
struct Rate {
  double images_per_second = 0.0;
  double error = 0.0;  // half of the 95 % interval; 0 with nothing to tell it from
};

// What could be done about a limit, and what rate that would give.
struct Remedy {
  // "threads", "cores", "node", "device", "memory", "slots", "disk", "other processes", "images"
  std::string action;
  std::string text;  // in words: "2 threads more"
  std::string how;   // what a user types: "--threads 4"; empty: nothing that an option does
  Rate rate;         // predicted
};

// What limits a run, in words.
struct Verdict {
  std::string limiting_node;  // a node's name; empty when the run is too short to say
  // "cores": all of them compute for the nodes
  // "threads": they are all taken while cores are free
  // "step": the net, on a device or on the CPU
  // a serial node's name
  // "disk", "memory", "slots", "slow images" (one in a hundred takes most of a node's time),
  // "other processes"
  // "balanced": nothing stands out
  // empty where the run is too short to say
  std::string resource;
  std::string text;                // one line
  double headroom_percent = 0.0;   // how much faster the run could be before the next limit
  std::string next_limit;          // the resource or node that would limit then; may be empty
  Rate rate{};                     // measured
  std::vector<Remedy> remedies{};  // at most three, the best first
};

// One layer of the net over a run, where that was asked for.
struct LayerRecord {
  std::string name;  // "conv1"
  std::string kind;  // "convolution"
  std::int64_t steps = 0;
  double forward_seconds = 0.0;  // wall time of the step, sums over its steps
  double backward_seconds = 0.0;
  double update_seconds = 0.0;
};

// What a run would do with another number of threads.
struct ThreadPrediction {
  int threads = 0;
  Rate rate;
  std::string limit;         // what would limit it then, as Verdict::resource
  bool needs_cores = false;  // more of them than the machine at hand grants
};

struct AccountRecord {
  std::vector<NodeRecord> nodes;
  std::vector<Overhead> overheads;
  std::vector<DeviceRecord> devices{};
  double wall_seconds = 0.0;
  double cpu_seconds_process = 0.0;  // the kernel's count
  int threads = 0;
  ProcessUsage process;               // the kernel's other counts
  std::vector<LayerRecord> layers{};  // none unless asked for
  int cores = 0;                      // that affinity and cgroup grant; 0: not known
  Verdict verdict;
  std::vector<ThreadPrediction> predictions{};  // none unless asked for

  // Sum over nodes and overheads: each measured, none the remainder.
  double cpu_seconds_attributed() const;
  double cpu_seconds_of(const std::string& overhead) const;
  // What the sum leaves unexplained, of the kernel's count.
  double gap_percent() const;
};

}  // namespace sluice
