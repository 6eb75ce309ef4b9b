#include "graph/account/verdict.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "graph/account/device.h"
#include "graph/account/load.h"

namespace sluice::graph {
namespace {

constexpr double kFull = 0.9;
constexpr double kHalf = 0.5;
constexpr double kLeastSeconds = 1.0;

using Which = std::function<bool(const NodeRecord&)>;
using Cost = std::function<double(const NodeRecord&)>;

const NodeRecord* most(const AccountRecord& account, const Which& which, const Cost& cost) {
  const NodeRecord* found = nullptr;
  for (const NodeRecord& node : account.nodes) {
    if (which(node) && (found == nullptr || cost(node) > cost(*found))) found = &node;
  }
  return found;
}

bool any(const NodeRecord&) { return true; }
double cpu(const NodeRecord& node) { return node.cpu_seconds; }
double busy(const NodeRecord& node) { return node.busy_seconds; }
double standing(const NodeRecord& node) { return node.busy_seconds - node.cpu_seconds; }

// What the account says before anything is concluded. Loads from 0 to 1.
struct Facts {
  const AccountRecord& account;
  double cores;
  double threads;
  double step;
  bool step_elsewhere;
  const NodeRecord* serial;   // fullest of its lane; may be none
  const NodeRecord* waiting;  // where images waited longest for bytes; may be none
};

Facts facts_of(const AccountRecord& account) {
  const auto is_own = [](const NodeRecord& node) { return node.lane == Lane::own; };
  const auto on_threads = [](const NodeRecord& node) { return node.lane == Lane::threads; };
  const auto elsewhere = [](const NodeRecord& node) {
    return node.lane == Lane::step && node.place != "cpu";
  };
  return {.account = account,
          .cores = core_load(account),
          .threads = lane_load(account, Lane::threads),
          .step = lane_load(account, Lane::step),
          .step_elsewhere = most(account, elsewhere, busy) != nullptr,
          .serial = most(account, is_own, busy),
          .waiting = most(account, on_threads,
                          [](const NodeRecord& node) { return node.blocked_seconds; })};
}

// By how much the run could be faster before a lane of load `next` limits it.
double headroom(double now, double next) {
  return next <= 0.0 ? 0.0 : std::max(100.0 * (now / next - 1.0), 0.0);
}

Verdict about_step(const Facts& facts) {
  const auto* node = most(
      facts.account, [](const NodeRecord& n) { return n.lane == Lane::step; }, busy);
  const double room = headroom(facts.step, std::max(facts.threads, facts.cores));
  return {.limiting_node = node->name,
          .resource = "step",
          .text = fmt::format(
              "the step limits: it is busy for {:.0f} % of the time, most of it in {} on {}; "
              "preparation could deliver {:.0f} % more",
              100 * facts.step, node->name, node->place, room),
          .headroom_percent = room};
}

Verdict about_cores(const Facts& facts) {
  const NodeRecord* node = most(facts.account, any, cpu);
  double all = 0.0;
  for (const NodeRecord& other : facts.account.nodes) all += other.cpu_seconds;
  const double room = headroom(1.0, facts.cores);
  return {.limiting_node = node->name,
          .resource = "threads",
          .text = fmt::format("the cores limit: {} thread{} compute for {:.0f} % of the time; {} "
                              "takes {:.0f} % of the nodes' CPU",
                              facts.account.threads, facts.account.threads == 1 ? "" : "s",
                              100 * facts.cores, node->name,
                              all > 0.0 ? 100 * node->cpu_seconds / all : 0.0),
          .headroom_percent = room};
}

Verdict about_serial(const Facts& facts) {
  const double own = load(*facts.serial, facts.account.threads);
  const double room = headroom(own, std::max(facts.threads, facts.step));
  return {.limiting_node = facts.serial->name,
          .resource = facts.serial->name,
          .text = fmt::format("{} limits: one {} at a time, it is busy for {:.0f} % of the time",
                              facts.serial->name, facts.serial->unit, 100 * own),
          .headroom_percent = room};
}

Verdict about_memory(const Facts& facts) {
  const double part = facts.waiting->blocked_seconds / facts.waiting->run_seconds;
  const double room = headroom(1.0, std::max({facts.threads, facts.cores, facts.step}));
  return {.limiting_node = facts.waiting->name,
          .resource = "memory",
          .text = fmt::format("memory limits: for {:.0f} % of the time the next image waits in "
                              "front of {} for bytes; give more --memory",
                              100 * part, facts.waiting->name),
          .headroom_percent = room};
}

Verdict about_standing(const Facts& facts, const NodeRecord& node, const char* resource) {
  const double room = headroom(facts.threads, facts.cores);
  const double part = 100 * standing(node) / (facts.account.wall_seconds * facts.account.threads);
  return {.limiting_node = node.name,
          .resource = resource,
          .text = fmt::format("{} limit{}: threads stand in {} for {:.0f} % of their time without "
                              "computing",
                              resource, std::string_view(resource) == "disk" ? "s" : "", node.name,
                              part),
          .headroom_percent = room};
}

Verdict about_nothing(const Facts& facts) {
  const NodeRecord* node =
      most(facts.account, any, [&](const NodeRecord& n) { return load(n, facts.account.threads); });
  const double fullest = std::max({facts.threads, facts.step, facts.cores});
  return {.limiting_node = node->name,
          .resource = "nothing",
          .text = fmt::format("nothing stands out: threads {:.0f} % busy, step {:.0f} %; the "
                              "busiest node is {}",
                              100 * facts.threads, 100 * facts.step, node->name),
          .headroom_percent = headroom(1.0, fullest)};
}

bool too_short(const AccountRecord& account) {
  const auto out = [](const NodeRecord& node) { return node.items_out > 0; };
  return account.wall_seconds < kLeastSeconds || most(account, out, busy) == nullptr;
}

// Without what is said of a device.
Verdict limit(const AccountRecord& account) {
  const Facts facts = facts_of(account);
  const bool step_has_time = facts.step < kFull;
  if (facts.step_elsewhere && !step_has_time) return about_step(facts);
  if (facts.cores >= kFull) return about_cores(facts);
  if (facts.serial != nullptr && load(*facts.serial, account.threads) >= kFull)
    return about_serial(facts);
  if (!step_has_time) return about_step(facts);
  const NodeRecord* stands = most(
      account, [](const NodeRecord& node) { return node.lane == Lane::threads; }, standing);
  const double thread_seconds = account.wall_seconds * account.threads;
  if (stands != nullptr && stands->name == "read" && standing(*stands) >= kHalf * thread_seconds)
    return about_standing(facts, *stands, "disk");
  if (stands != nullptr && facts.threads >= kFull)
    return about_standing(facts, *stands, "other processes");
  const NodeRecord* waiting = facts.waiting;
  if (waiting != nullptr && waiting->blocked_seconds >= kHalf * waiting->run_seconds &&
      waiting->run_seconds > 0.0)
    return about_memory(facts);
  return about_nothing(facts);
}

}  // namespace

Verdict verdict(const AccountRecord& account) {
  if (too_short(account)) return {.text = "too short a run to say what limits it"};
  Verdict verdict = limit(account);
  if (const auto waits = device_waits(account)) verdict.text += "; " + text(*waits);
  return verdict;
}

}  // namespace sluice::graph
