#include "nodes/run/run_trace.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <string_view>

namespace sluice::nodes {
namespace {

std::int32_t number_of(std::vector<std::string>& names, const std::string& name) {
  const auto found = std::ranges::find(names, name);
  if (found != names.end()) return static_cast<std::int32_t>(found - names.begin());
  names.push_back(name);
  return static_cast<std::int32_t>(names.size()) - 1;
}

// The nodes of a pipeline that have a device do something.
class DeviceNodes {
 public:
  explicit DeviceNodes(const Watched& watched) : prefix_(watched.prefix) {
    const std::vector<NodeRecord> nodes = watched.pipeline->snapshot().nodes;
    const bool evaluates =
        std::ranges::any_of(nodes, [](const NodeRecord& node) { return node.name == "evaluate"; });
    if (evaluates) forward_ = "evaluate";
  }

  std::string name(std::optional<Phase> phase) const {
    if (!phase) return prefix_ + "upload";
    return prefix_ + (phase == Phase::forward ? forward_ : std::string(phase_name(*phase)));
  }

 private:
  std::string prefix_;
  std::string forward_ = "forward";
};

void add_device(Trace& trace, const Watched& watched, std::int64_t begun_ns) {
  const DeviceSpans device = watched.program->device_spans();
  const DeviceNodes nodes(watched);
  std::int64_t phases = 0, copies = 0;
  for (const DeviceSpans::Rest& rest : device.rest) {
    trace.rest.push_back({.name = number_of(trace.names, nodes.name(rest.phase)),
                          .spans = rest.spans,
                          .busy_ns = rest.busy_ns});
  }
  if (device.spans.empty()) return;
  const std::string place = watched.prefix + std::string(watched.program->place());
  const std::int32_t compute = number_of(trace.tracks, place + " compute");
  const std::int32_t copy = number_of(trace.tracks, place + " copy");
  for (const DeviceSpan& span : device.spans) {
    const bool first_of_step = span.phase == Phase::forward;
    if (first_of_step) ++phases;
    trace.spans.push_back({.track = span.phase ? compute : copy,
                           .name = number_of(trace.names, nodes.name(span.phase)),
                           .begin_ns = span.begin_ns - begun_ns,
                           .end_ns = span.end_ns - begun_ns,
                           .item = span.phase ? phases - 1 : copies++});
  }
}

void add_value(Trace& trace, const std::string& counter, double seconds, std::int64_t value) {
  trace.values.push_back({.counter = number_of(trace.counters, counter),
                          .at_ns = std::llround(seconds * 1e9),
                          .value = static_cast<double>(value)});
}

// What stood before the nodes, of those before which something ever did; what was in flight.
void add_counters(Trace& trace, const Timeline& timeline) {
  for (std::size_t node = 0; node < timeline.nodes.size(); ++node) {
    const auto queued = [node](const Moment& moment) { return moment.nodes[node].queued; };
    if (std::ranges::none_of(timeline.moments, [&](const Moment& m) { return queued(m) > 0; }))
      continue;
    const std::string counter = "queued before " + timeline.nodes[node];
    for (const Moment& moment : timeline.moments)
      add_value(trace, counter, moment.seconds, queued(moment));
  }
  for (const Moment& moment : timeline.moments) {
    add_value(trace, "bytes of files", moment.seconds, moment.in_flight.file_bytes);
    add_value(trace, "bytes of images", moment.seconds, moment.in_flight.image_bytes);
    add_value(trace, "batches in flight", moment.seconds, moment.in_flight.slots_busy);
  }
}

}  // namespace

Trace RunTrace::trace(const std::vector<Watched>& watched, const Timeline& timeline,
                      std::int64_t begun_ns) const {
  Trace trace = recorder_.trace(begun_ns);
  for (const Watched& part : watched) {
    if (part.program != nullptr) add_device(trace, part, begun_ns);
  }
  add_counters(trace, timeline);
  return trace;
}

}  // namespace sluice::nodes
