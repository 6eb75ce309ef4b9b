// What the engine tells the trace.
//
// Image nodes stand on the tracks of the threads that run them: there spans follow each other, or
// one lies within another that waits. A batch node's work may be spread over all threads, or over
// none while a device computes; it stands on a track of its own, and the nodes that share the step
// token share one.
#include "graph/engine_parts.h"

namespace sluice::graph {

void Engine::make_tracks() {
  const TraceInto& into = options_.trace;
  if (into.recorder == nullptr || options_.measuring == Measuring::off) return;
  for (int slot = 0; slot < ledger_.slots(); ++slot)
    thread_tracks_.push_back(into.recorder->add_track(fmt::format("thread {}", slot)));
  for (const WiredRow& row : wiring_.rows()) {
    const std::string name = into.prefix + row.meter.name();
    // A device's own spans have the node's name.
    const bool on_device = row.stage != nullptr && row.stage->device_seconds().has_value();
    row.meter.trace_name = into.recorder->add_name(on_device ? name + " (told)" : name);
    if (row.stage == nullptr) continue;
    const std::string branch = branches_.size() > 1 ? fmt::format("branch{}/", row.branch + 1) : "";
    row.meter.trace_track = into.recorder->add_track(
        row.meter.lane() == Lane::step ? into.prefix + branch + "step" : name);
  }
}

void Engine::trace_thread(const NodeMeter& meter, int slot, std::int64_t begun, std::int64_t ended,
                          std::int64_t item) {
  if (thread_tracks_.empty()) return;
  const bool inside = slot >= 0 && slot < static_cast<int>(thread_tracks_.size());
  options_.trace.recorder->add({.track = inside ? thread_tracks_[index(slot)] : -1,
                                .name = meter.trace_name,
                                .begin_ns = begun,
                                .end_ns = ended,
                                .item = item});
}

void Engine::trace_batch(const BatchNodeState& node, std::int64_t ended) {
  if (thread_tracks_.empty()) return;
  options_.trace.recorder->add(
      {.track = node.meter->trace_track,
       .name = node.meter->trace_name,
       .begin_ns = node.started_ns,
       .end_ns = ended,
       .item = groups_[index(node.group)]->slots[index(node.branch)]->batch.number});
}

}  // namespace sluice::graph
