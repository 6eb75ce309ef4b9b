// What each thread and each stream of a whole run did when (--trace).
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "graph/trace_recorder.h"
#include "nodes/run/account_watch.h"
#include "runtime/timeline.h"
#include "runtime/trace.h"

namespace sluice::nodes {

// Of the nodes; of a device's phases and copies an eighth as many are kept besides.
constexpr std::size_t kTraceSpans = 400'000;

// Made before the run's pipelines, by the main thread; outlives them.
class RunTrace {
 public:
  explicit RunTrace(std::size_t spans) : spans_(spans), recorder_(spans) {}

  // For the options of a pipeline whose nodes stand in the account behind `prefix`.
  graph::TraceInto into(std::string prefix) { return {&recorder_, std::move(prefix)}; }
  // The device of `program`, if it has one, is recorded too.
  void record(Program& program) const { program.record_device_spans(spans_ / 8); }

  // Everything, once nothing runs any more. `timeline`: of the same pipelines, from `begun_ns` (as
  // AccountWatch::begun_ns) on.
  Trace trace(const std::vector<Watched>& watched, const Timeline& timeline,
              std::int64_t begun_ns) const;

 private:
  std::size_t spans_;
  graph::TraceRecorder recorder_;
};

}  // namespace sluice::nodes
