#include "graph/account/table.h"

#include <fmt/format.h>

#include <algorithm>

namespace sluice::graph {
namespace {

std::string head(std::size_t width) {
  return fmt::format(
      "{:<{}}  {:<5} {:>9} {:>6} {:>5} {:>8} {:>8} {:>8} {:>8} {:>8} {:>8} {:>8} {:>8} {:>9}\n",
      "node", width, "unit", "out", "failed", "held", "busy s", "cpu s", "starved", "blocked",
      "p50 ms", "p90 ms", "p99 ms", "MB held", "items/s");
}

std::string line(const NodeRecord& node, std::size_t width) {
  const double rate =
      node.run_seconds > 0.0 ? static_cast<double>(node.items_out) / node.run_seconds : 0.0;
  return fmt::format(
      "{:<{}}  {:<5} {:>9} {:>6} {:>5} {:>8.2f} {:>8.2f} {:>8.2f} {:>8.2f} {:>8.3f} {:>8.3f} "
      "{:>8.3f} {:>8.1f} {:>9.1f}\n",
      node.name, width, node.unit, node.items_out, node.items_failed, node.items_held,
      node.busy_seconds, node.cpu_seconds, node.starved_seconds, node.blocked_seconds, node.p50_ms,
      node.p90_ms, node.p99_ms, static_cast<double>(node.bytes_held_max) * 1e-6, rate);
}

std::string sum(const AccountRecord& account) {
  double nodes = 0.0;
  for (const NodeRecord& node : account.nodes) nodes += node.cpu_seconds;
  std::string text = fmt::format("CPU: nodes {:.2f} s", nodes);
  for (const Overhead& overhead : account.overheads)
    text += fmt::format(" + {} {:.2f}", overhead.name, overhead.cpu_seconds);
  return text + fmt::format(" = {:.2f} s; the kernel counts {:.2f} s; gap {:.2f} %\n",
                            account.cpu_seconds_attributed(), account.cpu_seconds_process,
                            account.gap_percent());
}

std::string process(const ProcessUsage& usage) {
  return fmt::format(
      "process: {:.2f} s user, {:.2f} s system; faults {} minor, {} major; switches {} voluntary, "
      "{} involuntary; read {:.1f} MB, {:.1f} MB from disk; resident at most {:.1f} MB\n",
      usage.cpu_user_seconds, usage.cpu_system_seconds, usage.minor_faults, usage.major_faults,
      usage.voluntary_switches, usage.involuntary_switches,
      static_cast<double>(usage.bytes_read) * 1e-6,
      static_cast<double>(usage.bytes_read_from_disk) * 1e-6,
      static_cast<double>(usage.resident_bytes_max) * 1e-6);
}

std::string line(const DeviceRecord& device) {
  return fmt::format(
      "{} {}: computes {:.2f} s, idle {:.2f} s; copies {:.1f} MB in {:.2f} s; holds {:.1f} MB\n",
      device.place, device.name, device.compute_seconds, device.idle_seconds,
      static_cast<double>(device.bytes_copied) * 1e-6, device.copy_seconds,
      static_cast<double>(device.bytes_held) * 1e-6);
}

std::string text(const Rate& rate) {
  if (rate.error <= 0.0) return fmt::format("{:.1f} images/s", rate.images_per_second);
  return fmt::format("{:.1f} +- {:.1f} images/s", rate.images_per_second, rate.error);
}

std::string lines(const Verdict& verdict) {
  std::string all = fmt::format("verdict: {}\n", verdict.text);
  if (verdict.resource.empty()) return all;
  all += fmt::format("rate: {}", text(verdict.rate));
  if (!verdict.next_limit.empty())
    all +=
        fmt::format("; next limit {}, {:.0f} % away", verdict.next_limit, verdict.headroom_percent);
  all += "\n";
  for (const Remedy& remedy : verdict.remedies) {
    all +=
        fmt::format("  {}{}: {}\n", remedy.text,
                    remedy.how.empty() ? "" : fmt::format(" ({})", remedy.how), text(remedy.rate));
  }
  return all;
}

std::string line(const ThreadPrediction& prediction) {
  return fmt::format(
      "  {:>4} thread{} {}, {} limit{}{}\n", prediction.threads,
      prediction.threads == 1 ? ": " : "s:", text(prediction.rate), prediction.limit,
      prediction.limit == "cores" || prediction.limit == "threads" ? "" : "s",
      prediction.needs_cores ? fmt::format(" (needs {} cores)", prediction.threads) : "");
}

}  // namespace

std::string table(const AccountRecord& account) {
  std::size_t width = 4;
  for (const NodeRecord& node : account.nodes) width = std::max(width, node.name.size());
  std::string text = head(width);
  for (const NodeRecord& node : account.nodes) text += line(node, width);
  text += fmt::format("wall {:.2f} s on {} thread{}\n", account.wall_seconds, account.threads,
                      account.threads == 1 ? "" : "s");
  for (const DeviceRecord& device : account.devices) text += line(device);
  text += sum(account) + process(account.process);
  if (!account.verdict.text.empty()) text += lines(account.verdict);
  if (!account.predictions.empty()) text += "predicted:\n";
  for (const ThreadPrediction& prediction : account.predictions) text += line(prediction);
  return text;
}

}  // namespace sluice::graph
