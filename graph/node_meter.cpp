#include "graph/node_meter.h"

namespace sluice::graph {
namespace {

double seconds(const NanoCounter& ns) { return static_cast<double>(ns.load()) * 1e-9; }

}  // namespace

NodeRecord NodeMeter::record() const {
  NodeRecord row{.name = label_.name,
                 .place = label_.place,
                 .unit = label_.unit,
                 .lane = label_.lane,
                 .cpu_seconds = seconds(phase_cpu_ns),
                 .starved_seconds = seconds(starved_ns),
                 .blocked_seconds = seconds(blocked_ns),
                 .bytes_held_max = static_cast<std::int64_t>(bytes.most)};
  Histogram::Counts times{};
  for (const Cell& cell : cells_) {
    row.items_in += cell.in;
    row.items_out += cell.out;
    row.items_failed += cell.failed;
    row.items_held += cell.held;
    row.busy_seconds += seconds(cell.busy_ns);
    row.cpu_seconds += seconds(cell.cpu_ns);
    row.queued_seconds += seconds(cell.queued_ns);
    cell.times.add_to(times);
  }
  row.p50_ms = Histogram::quantile(times, 0.5) * 1e-6;
  row.p90_ms = Histogram::quantile(times, 0.9) * 1e-6;
  row.p99_ms = Histogram::quantile(times, 0.99) * 1e-6;
  return row;
}

}  // namespace sluice::graph
