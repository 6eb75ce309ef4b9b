#include "graph/account/measured_rate.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <string>

#include "graph/account/costs.h"
#include "graph/account/student.h"

namespace sluice::graph {
namespace {

constexpr std::size_t kMostWindows = 20;
constexpr std::size_t kFewestWindows = 5;
constexpr int kBatches = 8;  // of a window, at least: images come a batch at a time, early or late
constexpr double kMostAlike = 0.8;
constexpr double kMostUnlike = -0.5;

double average(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

// Column of the last image node; none: nothing to count.
std::optional<std::size_t> last_image_node(const AccountRecord& account, const Timeline& timeline) {
  std::string name;
  for (const NodeRecord& node : account.nodes) {
    if (node.lane == Lane::threads) name = node.name;
  }
  const auto found = std::ranges::find(timeline.nodes, name);
  if (name.empty() || found == timeline.nodes.end()) return std::nullopt;
  return static_cast<std::size_t>(found - timeline.nodes.begin());
}

// Images done after so many seconds of the account's own pipeline.
struct Progress {
  double seconds = 0.0;
  double images = 0.0;
};

// Items that came out of the nodes for which `own` says so.
std::int64_t items(const Moment& moment, const std::vector<bool>& which, bool own) {
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < which.size() && i < moment.nodes.size(); ++i) {
    if (which[i] == own) sum += moment.nodes[i].items_out;
  }
  return sum;
}

// From the first images on. Time in which only other pipelines of the timeline went on (validation)
// is left out.
std::vector<Progress> progress_of(const AccountRecord& account, const Timeline& timeline,
                                  std::size_t column) {
  std::vector<bool> own;
  for (const std::string& name : timeline.nodes)
    own.push_back(std::ranges::find(account.nodes, name, &NodeRecord::name) != account.nodes.end());
  std::vector<Progress> curve;
  const Moment* before = nullptr;
  double seconds = 0.0;
  for (const Moment& moment : timeline.moments) {
    const bool others_only = before != nullptr &&
                             items(moment, own, true) == items(*before, own, true) &&
                             items(moment, own, false) > items(*before, own, false);
    if (before != nullptr && !others_only) seconds += moment.seconds - before->seconds;
    before = &moment;
    const auto images = static_cast<double>(moment.nodes[column].items_out);
    if (images > 0.0 && !others_only) curve.push_back({seconds, images});
  }
  return curve;
}

// Between two moments as if they came evenly.
double images_by(const std::vector<Progress>& curve, double seconds) {
  const auto after = std::ranges::lower_bound(curve, seconds, {}, &Progress::seconds);
  if (after == curve.begin()) return curve.front().images;
  if (after == curve.end()) return curve.back().images;
  const Progress& before = *(after - 1);
  const double part = (seconds - before.seconds) / (after->seconds - before.seconds);
  return before.images + part * (after->images - before.images);
}

// Rates of equal windows.
std::vector<double> window_rates(const std::vector<Progress>& curve, int batch) {
  if (curve.size() < kFewestWindows + 1) return {};
  const double images = curve.back().images - curve.front().images;
  const auto by_batches = static_cast<std::size_t>(images / (kBatches * std::max(batch, 1)));
  const std::size_t windows = std::min({kMostWindows, curve.size() - 1, by_batches});
  const double seconds = curve.back().seconds - curve.front().seconds;
  if (windows < kFewestWindows || seconds <= 0.0) return {};
  const double width = seconds / static_cast<double>(windows);
  std::vector<double> rates;
  for (std::size_t window = 0; window < windows; ++window) {
    const double from = curve.front().seconds + width * static_cast<double>(window);
    rates.push_back((images_by(curve, from + width) - images_by(curve, from)) / width);
  }
  return rates;
}

// How much the window before tells of the next one: their correlation. Below 0 where what one
// window has too much the next has too little, as where batches fall into this one or that one.
double likeness(const std::vector<double>& values, double mean) {
  double together = 0.0;
  double alone = 0.0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    alone += (values[i] - mean) * (values[i] - mean);
    if (i > 0) together += (values[i] - mean) * (values[i - 1] - mean);
  }
  return alone > 0.0 ? std::clamp(together / alone, kMostUnlike, kMostAlike) : 0.0;
}

}  // namespace

double error_of_mean(const std::vector<double>& values) {
  if (values.size() < 2) return 0.0;
  const double mean = average(values);
  double squares = 0.0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  const auto count = static_cast<double>(values.size());
  const double alike = likeness(values, mean);
  const double variance = squares / (count - 1.0) * (1.0 + alike) / (1.0 - alike);
  return student(values.size() - 1) * std::sqrt(variance / count);
}

Rate measured_rate(const AccountRecord& account, const Timeline& timeline, int batch) {
  if (account.wall_seconds <= 0.0) return {};
  Rate rate{.images_per_second = images_of(account) / account.wall_seconds};
  if (const auto column = last_image_node(account, timeline)) {
    rate.error = error_of_mean(window_rates(progress_of(account, timeline, *column), batch));
  }
  return rate;
}

}  // namespace sluice::graph
