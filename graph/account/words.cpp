#include "graph/account/words.h"

#include <fmt/format.h>

#include <algorithm>

#include "graph/account/load.h"

namespace sluice::graph {
namespace {

std::string threads_of(const AccountRecord& account) {
  return fmt::format("{} thread{}", account.threads, account.threads == 1 ? "" : "s");
}

const NodeRecord* record_of(const AccountRecord& account, const std::string& name) {
  const auto found = std::ranges::find(account.nodes, name, &NodeRecord::name);
  return found == account.nodes.end() ? nullptr : &*found;
}

// "; decode takes 61 % of the nodes' CPU".
std::string costliest(const std::string& name, const ImageCosts& costs) {
  const NodeCost* node = costs.node(name);
  const double all = costs.cpu() - costs.scheduler;
  if (node == nullptr || all <= 0.0) return "";
  return fmt::format("; {} takes {:.0f} % of the nodes' CPU", name, 100 * node->cpu / all);
}

std::string about_cores(const Finding& finding, const AccountRecord& account,
                        const ImageCosts& costs, const Shares& shares) {
  return fmt::format("the cores limit: {} compute for {:.0f} % of the time{}", threads_of(account),
                     100 * shares.computing, costliest(finding.node, costs));
}

std::string about_threads(const Finding& finding, const AccountRecord& account,
                          const ImageCosts& costs, const Shares& shares) {
  if (shares.standing > shares.computing || account.cores <= account.threads)
    return fmt::format(
        "too few threads: {} stand in {} for {:.0f} % of their time without computing",
        threads_of(account), finding.node, 100 * shares.standing);
  return fmt::format("too few threads: {} of {} cores used, for {:.0f} % of the time{}",
                     account.threads, account.cores, 100 * shares.computing,
                     costliest(finding.node, costs));
}

std::string about_step(const Finding& finding, const AccountRecord& account, const Lanes& lanes) {
  const NodeRecord* node = record_of(account, finding.node);
  return fmt::format("the step limits: it is busy for {:.0f} % of the time, most of it in {} on {}",
                     100 * std::max(lanes.device, lanes.cpu_step), finding.node,
                     node == nullptr ? "cpu" : node->place);
}

std::string about_memory(const Finding& finding, const AccountRecord& account) {
  const NodeRecord* node = record_of(account, finding.node);
  const double part = node == nullptr ? 0.0 : node->blocked_seconds / node->run_seconds;
  return fmt::format(
      "memory limits: for {:.0f} % of the time the next image waits in front of {} for bytes",
      100 * part, finding.node);
}

std::string about_images(const Finding& finding, const AccountRecord& account) {
  const NodeRecord* node = record_of(account, finding.node);
  if (node == nullptr) return "";
  const double mean =
      1e3 * node->busy_seconds / static_cast<double>(std::max<std::int64_t>(node->items_out, 1));
  return fmt::format(
      "slow images limit: half of them take at most {:.3g} ms in {}, but the mean is {:.3g} ms and "
      "one in a hundred takes {:.3g} ms or more",
      node->p50_ms, finding.node, mean, node->p99_ms);
}

std::string about_serial(const Finding& finding, const AccountRecord& account) {
  const NodeRecord* node = record_of(account, finding.node);
  if (node == nullptr) return "";
  return fmt::format("{} limits: one {} at a time, it is busy for {:.0f} % of the time",
                     finding.node, node->unit, 100 * load(*node, account.threads));
}

}  // namespace

std::string words_of(const Finding& finding, const AccountRecord& account,
                     const ImageCosts& costs) {
  const Shares shares = shares_of(account, costs);
  const Lanes lanes = lanes_of(account);
  if (finding.resource == "cores") return about_cores(finding, account, costs, shares);
  if (finding.resource == "threads") return about_threads(finding, account, costs, shares);
  if (finding.resource == "step") return about_step(finding, account, lanes);
  if (finding.resource == "memory") return about_memory(finding, account);
  if (finding.resource == "slow images") return about_images(finding, account);
  if (finding.resource == "disk")
    return fmt::format("disk limits: threads stand in read for {:.0f} % of their time",
                       100 * shares.reading);
  if (finding.resource == "other processes")
    return fmt::format(
        "other processes limit: for {:.0f} % of their time threads could compute and others have "
        "the cores",
        100 * shares.delayed);
  if (finding.resource == "slots")
    return fmt::format(
        "slots limit: all batches in flight are taken, and threads are idle for {:.0f} % of their "
        "time",
        100 * (1.0 - shares.taken()));
  if (finding.resource == "balanced")
    return fmt::format(
        "balanced, nothing stands out: threads {:.0f} % busy, step {:.0f} %; the busiest node is "
        "{}",
        100 * shares.taken(), 100 * std::max(lanes.device, lanes.cpu_step), finding.node);
  return about_serial(finding, account);
}

}  // namespace sluice::graph
