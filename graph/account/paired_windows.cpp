#include "graph/account/paired_windows.h"

#include <algorithm>
#include <cmath>
#include <optional>

namespace sluice::graph {
namespace {

constexpr std::size_t kMostWindows = 60;
constexpr std::size_t kFewestWindows = 8;
constexpr std::size_t kMomentsOfWindow = 2;
constexpr double kItemsOfWindow = 3.0;

// What a node had cost when it had done so many items.
struct Curve {
  std::vector<double> items, seconds;

  double at(double count) const {
    const auto above = std::upper_bound(items.begin(), items.end(), count);
    if (above == items.end()) return seconds.back();
    if (above == items.begin()) return 0.0;
    const auto i = static_cast<std::size_t>(above - items.begin());
    const double part = (count - items[i - 1]) / (items[i] - items[i - 1]);
    return seconds[i - 1] + part * (seconds[i] - seconds[i - 1]);
  }
};

// Moments without an item more are left out, so that `items` grows.
Curve curve_of(const Timeline& timeline, std::size_t node, Cost cost) {
  Curve curve{.items = {0.0}, .seconds = {0.0}};
  for (const Moment& moment : timeline.moments) {
    const NodeMoment& now = moment.nodes[node];
    const auto items = static_cast<double>(now.items_out);
    if (items <= curve.items.back()) continue;
    curve.items.push_back(items);
    curve.seconds.push_back(cost == Cost::cpu ? now.cpu_seconds : now.busy_seconds);
  }
  return curve;
}

std::optional<std::size_t> find(const std::vector<std::string>& names, const std::string& name) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return std::nullopt;
  return static_cast<std::size_t>(found - names.begin());
}

std::optional<std::size_t> find(const AccountRecord& account, const std::string& name) {
  for (std::size_t i = 0; i < account.nodes.size(); ++i)
    if (account.nodes[i].name == name) return i;
  return std::nullopt;
}

// Window after window; none where one of them costs nothing.
std::vector<double> log_ratios(const Curve& before, const Curve& after, double end,
                               std::size_t windows) {
  std::vector<double> ratios;
  if (end < kItemsOfWindow * static_cast<double>(windows)) return ratios;
  const double width = end / static_cast<double>(windows);
  for (std::size_t w = 1; w < windows; ++w) {
    const double from = width * static_cast<double>(w), to = from + width;
    const double first = before.at(to) - before.at(from);
    const double second = after.at(to) - after.at(from);
    if (first <= 0.0 || second <= 0.0) return {};
    ratios.push_back(std::log(second / first));
  }
  return ratios;
}

std::size_t windows_of(const MeasuredRun& run) {
  return run.timeline.moments.size() / kMomentsOfWindow;
}

}  // namespace

std::size_t window_count(const MeasuredRun& before, const MeasuredRun& after) {
  const std::size_t windows = std::min({windows_of(before), windows_of(after), kMostWindows});
  return windows < kFewestWindows ? 0 : windows;
}

std::vector<PairedNode> paired_windows(const MeasuredRun& before, const MeasuredRun& after,
                                       Cost cost) {
  std::vector<PairedNode> paired;
  const std::size_t windows = window_count(before, after);
  if (windows == 0) return paired;
  for (std::size_t i = 0; i < before.timeline.nodes.size(); ++i) {
    const std::string& name = before.timeline.nodes[i];
    const auto other = find(after.timeline.nodes, name);
    const auto first = find(before.account, name), second = find(after.account, name);
    if (!other || !first || !second) continue;
    const Curve a = curve_of(before.timeline, i, cost), b = curve_of(after.timeline, *other, cost);
    const double end = std::min(a.items.back(), b.items.back());
    if (end <= 0.0 || a.at(end) <= 0.0 || b.at(end) <= 0.0) continue;
    paired.push_back({.before = *first,
                      .after = *second,
                      .before_seconds = a.at(end) / end,
                      .after_seconds = b.at(end) / end,
                      .log_ratios = log_ratios(a, b, end, windows)});
  }
  return paired;
}

}  // namespace sluice::graph
