#include "graph/account/verdict.h"

#include <fmt/format.h>

#include <algorithm>

#include "graph/account/device.h"
#include "graph/account/finding.h"
#include "graph/account/measured_rate.h"
#include "graph/account/prediction.h"
#include "graph/account/remedies.h"
#include "graph/account/words.h"

namespace sluice::graph {
namespace {

constexpr double kLeastSeconds = 1.0;
constexpr double kMostError = 0.25;  // of the rate

bool too_short(const AccountRecord& account, const RunFacts& facts) {
  const double images = images_of(account);
  return account.wall_seconds < kLeastSeconds || images <= 0.0 ||
         images < static_cast<double>(facts.slots) * facts.batch;
}

// Others on the cores are known by what they took, however the rate swings because of them.
bool too_unsteady(const Finding& finding, const Rate& rate) {
  return rate.error > kMostError * rate.images_per_second && finding.resource != "other processes";
}

struct Next {
  std::string name;
  double headroom = 0.0;  // a part of the rate
};

// Among the nodes on the cores: until the costliest costs no more than the second.
Next next_node(const Model& model, const Finding& finding) {
  const NodeCost* first = model.costs.node(finding.node);
  const NodeCost* second = nullptr;
  for (const NodeCost& cost : model.costs.nodes) {
    if (&cost == first) continue;
    if (second == nullptr || cost.cpu > second->cpu) second = &cost;
  }
  if (first == nullptr || second == nullptr || second->cpu <= 0.0) return {};
  const double all = model.costs.cpu() + model.costs.waits();
  const double less = std::max(first->cpu - second->cpu, 0.0);
  return {second->name, less < all ? all / (all - less) - 1.0 : 0.0};
}

// What would hold the run if its limit were gone.
Next next_limit(const Model& model, const Finding& finding, double rate) {
  Model then = model;
  const bool threads = finding.resource == "cores" || finding.resource == "threads" ||
                       finding.resource == "disk" || finding.resource == "other processes";
  then.in_flight_cap.reset();
  if (finding.resource == "disk") then = without_waits(std::move(then), "read");
  if (finding.resource == "other processes") then.competitors = 0.0;
  if (finding.resource == "threads")
    then.threads = std::max(then.threads, static_cast<int>(then.cores));
  for (const Limit& limit : limits(then)) {
    const bool same = limit.resource == finding.resource || limit.node == finding.node;
    if (same && !threads) continue;
    if (threads && finding.resource == "cores" && limit.resource == "cores") continue;
    return {limit.resource, std::max(limit.images_per_second / rate - 1.0, 0.0)};
  }
  return {};
}

Next nearest(const Model& model, const Finding& finding, double rate) {
  const Next other = next_limit(model, finding, rate);
  if (finding.resource != "cores") return other;
  const Next node = next_node(model, finding);
  if (other.name.empty() || (!node.name.empty() && node.headroom < other.headroom)) return node;
  return other;
}

// A device, or a serial node.
bool is_lane(const std::string& name, const Model& model) {
  const NodeCost* node = model.costs.node(name);
  return name == "step" || (node != nullptr && node->lane == Lane::own);
}

// A lead that is smaller than the rate's error: now the one limits, now the other.
bool in_turns(const Finding& finding, const Next& next, const Model& model, double unsure) {
  const bool two = is_lane(finding.resource, model) || is_lane(next.name, model);
  return two && !next.name.empty() && next.headroom < unsure;
}

}  // namespace

Verdict verdict(const AccountRecord& account, const Timeline& timeline, const RunFacts& facts) {
  const Rate rate = measured_rate(account, timeline, facts.batch);
  Verdict verdict;
  verdict.rate = rate;
  verdict.text = "too short a run to say what limits it";
  if (too_short(account, facts)) return verdict;
  const ImageCosts costs = costs_of(account);
  Finding finding = find_limit(account, costs);
  const double unsure = rate.error / rate.images_per_second;
  if (too_unsteady(finding, rate)) {
    verdict.text += fmt::format(": its rate may be off by {:.0f} %", 100 * unsure);
    return verdict;
  }
  const Model model = fitted_model(account, costs, finding, rate);
  const Next next = nearest(model, finding, rate.images_per_second);
  if (in_turns(finding, next, model, unsure)) finding.resource = "balanced";
  verdict.limiting_node = finding.node;
  verdict.resource = finding.resource;
  verdict.text = words_of(finding, account, costs);
  verdict.headroom_percent = 100 * next.headroom;
  verdict.next_limit = next.name;
  verdict.remedies = remedies(model, finding, rate, account, facts);
  if (const auto waits = device_waits(account)) verdict.text += "; " + text(*waits);
  return verdict;
}

}  // namespace sluice::graph
