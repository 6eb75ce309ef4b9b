#include "graph/account/difference.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "graph/account/common_factor.h"

namespace sluice::graph {
namespace {

constexpr double kLeastPercent = 2.0;
// Of some twenty nodes and two costs, in one comparison of a hundred: normal quantile of
// 1 - 1/4000.
constexpr double kBeyondNoise = 3.5;
constexpr double kInterval = 1.96;
constexpr double kMostDelay = 0.05;  // of the CPU that was used
// Between two processes a loop's cost differs by this much although nothing changed: where its
// arrays lie, which core it was given. A loop that does little but fetch and store differs by more.
// Where others take the cores away it finds its caches cold each time it comes back, and differs by
// more, too. (Standard deviations of 14 pairs of equal runs of 20 s, diff_trials.py: decode 0.9 %,
// rescale 0.5, pca-colour 0.9; read 1.3, flip 2.4, mean 3.1.)
constexpr double kBetweenProcesses = 0.006;
constexpr double kBetweenProcessesOfStreams = 0.025;
constexpr double kStream = 8e9;  // bytes that it fills in a second of its CPU
constexpr double kColdCaches = 4.0;
constexpr double kMostColdness = 4.0;
// Two clock readings an item and where the compiler put them; a batch node's CPU is also what the
// scheduler did while it ran.
constexpr double kClockOfImage = 60e-9;
constexpr double kClockOfBatch = 20e-6;

// Of nodes that cost less than clocks do errors have no bounds; numbers have.
double percent_of(double log_ratio) { return 100.0 * std::expm1(std::min(log_ratio, 10.0)); }

// Change of each paired node by one cost.
struct Told {
  PairedNode node;
  Level level;
  double to_tell = 0.0;  // log ratio

  bool beyond_noise() const { return std::abs(level.change) > to_tell; }
};

struct ToldAll {
  std::vector<Told> nodes;
  std::vector<PairedNode> untold;
  CommonFactor factor;
};

// For how long threads wanted cores that others had, of the CPU that they got.
double delay(const AccountRecord& account) {
  const double cpu = account.cpu_seconds_process;
  return cpu > 0.0 ? account.process.run_delay_seconds / cpu : 0.0;
}

// Whether they mostly got them: else busy time is that of others.
bool had_cores(const AccountRecord& account) { return delay(account) <= kMostDelay; }

// What an item's memory is filled at, each thread holding one.
bool is_stream(const AccountRecord& account, const PairedNode& node) {
  const auto held = static_cast<double>(account.nodes[node.before].bytes_held_max);
  return held / std::max(account.threads, 1) > kStream * node.before_seconds;
}

double between_processes(const MeasuredRun& before, const MeasuredRun& after,
                         const PairedNode& node) {
  const double longest = std::max(delay(before.account), delay(after.account));
  const double warm =
      is_stream(before.account, node) ? kBetweenProcessesOfStreams : kBetweenProcesses;
  return warm * (1.0 + std::min(kColdCaches * longest, kMostColdness));
}

ToldAll tell(const MeasuredRun& before, const MeasuredRun& after, Cost cost) {
  ToldAll all;
  std::vector<Series> series;
  for (PairedNode& node : paired_windows(before, after, cost)) {
    if (node.log_ratios.empty()) {
      all.untold.push_back(std::move(node));
      continue;
    }
    const bool image = before.account.nodes[node.before].unit == "image";
    series.push_back({.values = node.log_ratios,
                      .clock = (image ? kClockOfImage : kClockOfBatch) / node.before_seconds,
                      .between_processes = between_processes(before, after, node)});
    all.nodes.push_back({.node = std::move(node), .level = {}});
  }
  if (series.empty()) return all;
  all.factor = common_factor(series);
  const double windows = static_cast<double>(series.front().values.size());
  const double limit = kBeyondNoise * (1.0 + 4.0 / windows);  // as Student's t is wider
  for (std::size_t i = 0; i < all.nodes.size(); ++i) {
    all.nodes[i].level = all.factor.levels[i];
    all.nodes[i].to_tell =
        std::max(limit * all.nodes[i].level.error, std::log1p(kLeastPercent / 100));
  }
  return all;
}

const Told* find(const ToldAll& all, std::size_t before) {
  for (const Told& told : all.nodes)
    if (told.node.before == before) return &told;
  return nullptr;
}

void fill(NodeDifference& row, const Told& told, Cost cost) {
  row.cost = cost;
  row.fate = !told.beyond_noise()      ? Fate::same
             : told.level.change > 0.0 ? Fate::slower
                                       : Fate::faster;
  row.before_seconds = told.node.before_seconds;
  row.after_seconds = told.node.after_seconds;
  row.percent = percent_of(told.level.change);
  row.percent_error = percent_of(kInterval * told.level.error);
  row.percent_to_tell = percent_of(told.to_tell);
}

const NodeRecord* find(const AccountRecord& account, const std::string& name) {
  for (const NodeRecord& node : account.nodes)
    if (node.name == name) return &node;
  return nullptr;
}

double per_item(const NodeRecord& node, Cost cost) {
  const double seconds = cost == Cost::cpu ? node.cpu_seconds : node.busy_seconds;
  return node.items_out > 0 ? seconds / static_cast<double>(node.items_out) : 0.0;
}

// By CPU; by busy time where only that tells a change, or there is no CPU of the node's (a device).
NodeDifference compared(std::size_t index, const MeasuredRun& before, const MeasuredRun& after,
                        const ToldAll& cpu, const ToldAll& busy) {
  const NodeRecord& node = before.account.nodes[index];
  NodeDifference row{.name = node.name, .unit = node.unit};
  const Told* by_cpu = node.place == "cpu" ? find(cpu, index) : nullptr;
  const bool waits_tell = had_cores(before.account) && had_cores(after.account);
  const Told* by_busy = by_cpu == nullptr || waits_tell ? find(busy, index) : nullptr;
  if (by_cpu != nullptr &&
      (by_cpu->beyond_noise() || by_busy == nullptr || !by_busy->beyond_noise())) {
    fill(row, *by_cpu, Cost::cpu);
  } else if (by_busy != nullptr) {
    fill(row, *by_busy, Cost::busy);
  } else {
    row.cost = node.place == "cpu" ? Cost::cpu : Cost::busy;
    row.before_seconds = per_item(node, row.cost);
    row.after_seconds = per_item(*find(after.account, node.name), row.cost);
  }
  return row;
}

NodeDifference lonely(const NodeRecord& node, Fate fate) {
  NodeDifference row{.name = node.name, .unit = node.unit, .fate = fate};
  (fate == Fate::only_before ? row.before_seconds : row.after_seconds) = per_item(node, row.cost);
  return row;
}

double rate_of(const AccountRecord& account) {
  for (const NodeRecord& node : account.nodes)
    if (node.unit == "image" && node.run_seconds > 0.0)
      return static_cast<double>(node.items_out) / node.run_seconds;
  return 0.0;
}

void add_unequal(std::vector<std::string>& lines, const char* what, auto before, auto after) {
  if (before != after) lines.push_back(fmt::format("{}: {}, then {}", what, before, after));
}

std::vector<std::string> circumstances(const AccountRecord& before, const AccountRecord& after) {
  std::vector<std::string> lines;
  add_unequal(lines, "threads", before.threads, after.threads);
  for (const NodeRecord& node : before.nodes) {
    const NodeRecord* other = find(after, node.name);
    if (other != nullptr && other->place != node.place)
      lines.push_back(fmt::format("{} ran on {}, then on {}", node.name, node.place, other->place));
  }
  return lines;
}

std::string said_of(const NodeDifference& node) {
  switch (node.fate) {
    case Fate::only_before:
      return fmt::format("{} is gone", node.name);
    case Fate::only_after:
      return fmt::format("{} is new", node.name);
    default:
      return fmt::format("{} {} {:.1f} % {} an {} (+-{:.1f} %)", node.name,
                         node.cost == Cost::cpu ? "takes" : "waits or works",
                         std::abs(node.percent), node.fate == Fate::slower ? "longer" : "less",
                         node.unit, node.percent_error);
  }
}

bool is_change(Fate fate) { return fate != Fate::same && fate != Fate::unknown; }

// Nodes that came or went first, then the largest change.
std::string verdict_of(const Difference& difference) {
  std::vector<const NodeDifference*> changed;
  bool any_told = false;
  for (const NodeDifference& node : difference.nodes) {
    any_told = any_told || node.fate != Fate::unknown;
    if (is_change(node.fate)) changed.push_back(&node);
  }
  if (!any_told) return "too short to compare: a second or two of images at least, in both runs";
  if (changed.empty()) return "no change";
  std::ranges::stable_sort(changed, [](const auto* a, const auto* b) {
    const auto size = [](const NodeDifference& node) {
      return node.percent_to_tell > 0.0 ? std::abs(node.percent) : 1e9;
    };
    return size(*a) > size(*b);
  });
  std::string text;
  for (const NodeDifference* node : changed)
    text += fmt::format("{}{}", text.empty() ? "" : "; ", said_of(*node));
  return text;
}

}  // namespace

bool Difference::changed() const {
  return std::ranges::any_of(nodes, [](const auto& node) { return is_change(node.fate); });
}

Difference difference(const MeasuredRun& before, const MeasuredRun& after) {
  const ToldAll cpu = tell(before, after, Cost::cpu), busy = tell(before, after, Cost::busy);
  Difference result{.circumstances = circumstances(before.account, after.account),
                    .before_rate = rate_of(before.account),
                    .after_rate = rate_of(after.account),
                    .nodes = {},
                    .text = {}};
  result.machine_percent_error = percent_of(kInterval * cpu.factor.error);
  if (std::abs(cpu.factor.common) > std::max(kBeyondNoise * cpu.factor.error, 0.01))
    result.machine_percent = percent_of(cpu.factor.common);
  for (std::size_t i = 0; i < before.account.nodes.size(); ++i) {
    const NodeRecord& node = before.account.nodes[i];
    const NodeRecord* other = find(after.account, node.name);
    result.nodes.push_back(other == nullptr ? lonely(node, Fate::only_before)
                                            : compared(i, before, after, cpu, busy));
  }
  for (const NodeRecord& node : after.account.nodes)
    if (find(before.account, node.name) == nullptr)
      result.nodes.push_back(lonely(node, Fate::only_after));
  result.text = verdict_of(result);
  return result;
}

}  // namespace sluice::graph
