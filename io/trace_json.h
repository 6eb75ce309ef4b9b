// A trace as `trace.json`, for viewers of the Trace Event Format (Perfetto, chrome://tracing).
#pragma once

#include <filesystem>

#include "runtime/trace.h"

namespace sluice::io {

// One JSON object: `traceEvents` with a complete event ("X": ts and dur in microseconds, args.item)
// for each span, a counter event ("C") for each value, names and order of the tracks that hold
// something ("M"); `displayTimeUnit`; `otherData` with `rest`, what found no room, by node (spans,
// busy_seconds). Written piece by piece; whole or not at all; Error{run}.
void write_trace_json(const std::filesystem::path& path, const Trace& trace);

}  // namespace sluice::io
