#include "apps/common/panel_feed.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <string_view>

#include "graph/account/verdict.h"

namespace sluice::apps {
namespace {

constexpr double kLeastSeconds = 3.0;
constexpr double kMostSeconds = 120.0;
constexpr std::int64_t kLeastSteps = 2;

// "validation/" of "validation/decode".
std::string_view pipeline_of(const NodeRecord& node) {
  const std::size_t slash = node.name.rfind('/');
  return std::string_view(node.name).substr(0, slash == std::string::npos ? 0 : slash + 1);
}

// The pipeline whose nodes were busiest meanwhile.
std::string_view active_pipeline(const std::vector<NodeRecord>& before,
                                 const std::vector<NodeRecord>& now) {
  std::map<std::string_view, double> busy;
  for (std::size_t i = 0; i < now.size() && i < before.size(); ++i)
    busy[pipeline_of(now[i])] += now[i].busy_seconds - before[i].busy_seconds;
  const auto most = std::max_element(
      busy.begin(), busy.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  return most == busy.end() ? std::string_view{} : most->first;
}

PanelNode node_between(const NodeRecord& before, const NodeRecord& now, double seconds,
                       int threads) {
  const double lanes = now.lane == Lane::threads ? std::max(threads, 1) : 1.0;
  return {.name = now.name.substr(pipeline_of(now).size()),
          .unit = now.unit,
          .items_per_second = static_cast<double>(now.items_out - before.items_out) / seconds,
          .load = (now.busy_seconds - before.busy_seconds) / (seconds * lanes),
          .queued = std::max(now.queued_seconds - before.queued_seconds, 0.0) / seconds};
}

// What limits the run so far; of its main pipeline, whose nodes have no prefix.
std::string limit_of(AccountRecord account) {
  std::erase_if(account.nodes, [](const NodeRecord& node) { return !pipeline_of(node).empty(); });
  return graph::verdict(account).text;
}

bool did_steps(const std::vector<NodeRecord>& before, const std::vector<NodeRecord>& now) {
  for (std::size_t i = 0; i < now.size() && i < before.size(); ++i) {
    const std::int64_t steps = now[i].items_out - before[i].items_out;
    if (now[i].lane == Lane::step && now[i].busy_seconds > before[i].busy_seconds &&
        steps < kLeastSteps)
      return false;
  }
  return true;
}

}  // namespace

void PanelFeed::add(const AccountRecord& now, double seconds) {
  threads_ = now.threads;
  if (!looks_.empty() && looks_.back().nodes.size() != now.nodes.size()) looks_.clear();
  looks_.push_back({.seconds = seconds, .nodes = now.nodes});
  while (looks_.front().seconds < seconds - kMostSeconds) looks_.pop_front();
  limit_ = limit_of(now);
}

void PanelFeed::add(const nodes::Progress& now, double seconds) {
  if (now.phase != progress_.phase || now.epoch != progress_.epoch || begun_ < 0.0) {
    images_.clear();
    if (now.phase != progress_.phase || begun_ < 0.0) begun_ = seconds;
  }
  progress_ = now;
  images_.push_back({.seconds = seconds, .images = now.images});
  while (images_.size() > 2 && images_.front().seconds < seconds - kMostSeconds)
    images_.pop_front();
}

// The newest that is long enough ago; the oldest where none is.
const PanelFeed::Look* PanelFeed::look_before() const {
  if (looks_.size() < 2) return nullptr;
  const Look& now = looks_.back();
  for (std::size_t i = looks_.size() - 1; i-- > 0;) {
    if (now.seconds - looks_[i].seconds >= kLeastSeconds && did_steps(looks_[i].nodes, now.nodes))
      return &looks_[i];
  }
  return &looks_.front();
}

std::vector<PanelNode> PanelFeed::nodes() const {
  std::vector<PanelNode> nodes;
  const Look* before = look_before();
  if (before == nullptr) return nodes;
  const Look& now = looks_.back();
  const double seconds = std::max(now.seconds - before->seconds, 1e-3);
  const std::string_view active = active_pipeline(before->nodes, now.nodes);
  for (std::size_t i = 0; i < now.nodes.size(); ++i) {
    if (pipeline_of(now.nodes[i]) == active)
      nodes.push_back(node_between(before->nodes[i], now.nodes[i], seconds, threads_));
  }
  return nodes;
}

double PanelFeed::images_per_second() const {
  if (images_.size() < 2) return progress_.images_per_second;
  const Images& now = images_.back();
  const auto enough = [&](const Images& then) {
    return now.seconds - then.seconds >= kLeastSeconds;
  };
  const auto found = std::find_if(images_.rbegin(), images_.rend(), enough);
  const Images& then = found == images_.rend() ? images_.front() : *found;
  const double seconds = now.seconds - then.seconds;
  return seconds > 0.0 ? static_cast<double>(now.images - then.images) / seconds
                       : progress_.images_per_second;
}

void PanelFeed::add_times(Panel& panel, double seconds) const {
  const double rate = panel.images_per_second;
  if (panel.images_all > 0 && rate > 0.0)
    panel.seconds_left =
        static_cast<double>(std::max<std::int64_t>(panel.images_all - panel.images, 0)) / rate;
  if (plan_.seconds && begun_ >= 0.0)
    panel.seconds_left = std::max(*plan_.seconds - (seconds - begun_), 0.0);
  if (panel.phase == "train" && panel.seconds_left && panel.epochs > panel.epoch) {
    panel.run_seconds_left = *panel.seconds_left + static_cast<double>(panel.epochs - panel.epoch) *
                                                       static_cast<double>(panel.images_all) / rate;
  }
}

Panel PanelFeed::panel(double seconds) const {
  Panel panel{.phase = progress_.phase,
              .images = progress_.images,
              .images_all = progress_.images_all,
              .images_per_second = images_per_second(),
              .nodes = nodes(),
              .limit = limit_};
  if (panel.phase == "train" || panel.phase == "validate") {
    panel.epoch = progress_.epoch + 1;
    panel.epochs = plan_.epochs;
  }
  if (panel.phase == "train") {
    panel.loss = progress_.loss;
    if (progress_.learning_rate > 0.0) panel.learning_rate = progress_.learning_rate;
  }
  add_times(panel, seconds);
  return panel;
}

}  // namespace sluice::apps
