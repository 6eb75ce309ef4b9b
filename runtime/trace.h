// What each thread and each stream did when: plain records for a trace viewer.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace sluice {

// One item inside one node. Nanoseconds since the run began.
struct TraceSpan {
  std::int32_t track = 0;  // of Trace::tracks
  std::int32_t name = 0;   // of Trace::names
  std::int64_t begin_ns = 0;
  std::int64_t end_ns = 0;
  std::int64_t item = 0;  // sample or batch number
};

// A value that changes: items before a node, bytes in flight.
struct TraceValue {
  std::int32_t counter = 0;  // of Trace::counters
  std::int64_t at_ns = 0;
  double value = 0.0;
};

// Spans that no longer fitted, so that totals stay right.
struct TraceRest {
  std::int32_t name = 0;  // of Trace::names
  std::int64_t spans = 0;
  std::int64_t busy_ns = 0;
};

struct Trace {
  std::vector<std::string> tracks;    // "thread 0", "caller", "gpu compute", "gpu copy"
  std::vector<std::string> names;     // nodes
  std::vector<std::string> counters;  // "queued before decode", "bytes of images"
  std::vector<TraceSpan> spans;
  std::vector<TraceValue> values;
  std::vector<TraceRest> rest;
};

}  // namespace sluice
