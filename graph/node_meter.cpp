#include "graph/node_meter.h"

#include <algorithm>

#include "graph/clocks.h"

namespace sluice::graph {
namespace {

double seconds(std::int64_t ns) { return static_cast<double>(ns) * 1e-9; }

}  // namespace

std::int64_t NodeMeter::sum_of(NanoCounter Cell::*counter) const {
  std::int64_t sum = 0;
  for (const Cell& cell : cells_) sum += cell.*counter;
  return sum;
}

std::int64_t NodeMeter::items_in() const { return sum_of(&Cell::in); }
std::int64_t NodeMeter::items_out() const { return sum_of(&Cell::out); }

// With what has passed of the item inside: the same item before and after the sum is taken has not
// been added to it.
std::int64_t NodeMeter::busy_ns() const {
  for (;;) {
    const std::int64_t since = inside_since_ns;
    const std::int64_t sum = sum_of(&Cell::busy_ns);
    if (since == 0) return sum;
    const std::int64_t now = wall_ns();
    if (inside_since_ns == since) return sum + std::max<std::int64_t>(now - since, 0);
  }
}

NodeMoment NodeMeter::moment() const {
  return {.items_out = items_out(),
          .busy_seconds = seconds(busy_ns()),
          .cpu_seconds = seconds(sum_of(&Cell::cpu_ns) + phase_cpu_ns)};
}

NodeRecord NodeMeter::record() const {
  NodeRecord row{.name = label_.name,
                 .place = label_.place,
                 .unit = label_.unit,
                 .lane = label_.lane,
                 .busy_seconds = seconds(busy_ns()),
                 .cpu_seconds = seconds(phase_cpu_ns),
                 .starved_seconds = seconds(starved_ns),
                 .blocked_seconds = seconds(blocked_ns),
                 .bytes_held_max = static_cast<std::int64_t>(bytes.most.load())};
  Histogram::Counts times{};
  for (const Cell& cell : cells_) {
    row.items_in += cell.in;
    row.items_out += cell.out;
    row.items_failed += cell.failed;
    row.items_held += cell.held;
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
