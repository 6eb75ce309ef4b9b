// The graph as a line with a station a node: how large by the time inside it, how red by how near
// it is to a limit. One drawing for wide and narrow pages: the SVG is as wide as the bars and
// begins to the left of them, so that places across may be in percent.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "io/report/html.h"
#include "io/report/sections.h"

namespace sluice::io::report {
namespace {

constexpr double kLine = 24;   // pixels from the left to the line
constexpr double kText = 52;   // to names and bars
constexpr double kRow = 46;    // pixels a station
constexpr double kHead = 30;   // pixels a lane's heading
constexpr double kWarm = 0.7;  // of what a node may use: near its limit

// Seconds that it could have been busy.
double room(const NodeRecord& node, int threads) {
  return node.lane == Lane::threads ? node.run_seconds * threads : node.run_seconds;
}

double part(double seconds, double of) {
  return of > 0.0 ? std::clamp(seconds / of, 0.0, 1.0) : 0.0;
}

std::string_view heat(const NodeRecord& node, const AccountRecord& account) {
  const Verdict& verdict = account.verdict;
  if (names_a_limit(verdict) && node.name == verdict.limiting_node) return "limit";
  const double load = part(node.busy_seconds, room(node, account.threads));
  return node.name == verdict.next_limit || load >= kWarm ? "near" : "calm";
}

std::string hover(const NodeRecord& node, const AccountRecord& account) {
  return fmt::format(
      "{}: {} {}s out, {} failed; busy {} of {}, CPU {}; starved {}, blocked {}, queued {}; "
      "median {} ms, 99 % below {} ms",
      escaped(node.name), grouped(node.items_out), escaped(node.unit), grouped(node.items_failed),
      duration(node.busy_seconds), duration(room(node, account.threads)),
      duration(node.cpu_seconds), duration(node.starved_seconds), duration(node.blocked_seconds),
      duration(node.queued_seconds), fixed(node.p50_ms, 3), fixed(node.p99_ms, 3));
}

// A circle for images, a square for batches, a diamond for what a device does.
std::string station(const NodeRecord& node, double y, double radius, std::string_view kind) {
  if (node.unit == "image") {
    return fmt::format("<circle class=\"dot {}\" cx=\"{}\" cy=\"{:.1f}\" r=\"{:.1f}\"/>", kind,
                       kLine, y, radius);
  }
  const double side = radius * 1.77;  // as large as the circle
  const std::string turned = node.place == "cpu" || node.place == "waiting"
                                 ? ""
                                 : fmt::format(" transform=\"rotate(45 {} {:.1f})\"", kLine, y);
  return fmt::format(
      "<rect class=\"dot {}\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" "
      "rx=\"2\"{}/>",
      kind, kLine - side / 2, y - side / 2, side, side, turned);
}

std::string piece(std::string_view kind, double from, double width) {
  if (width <= 0.0) return {};
  return fmt::format("<rect class=\"{}\" x=\"{:.2f}%\" y=\"0\" width=\"{:.2f}%\" height=\"10\"/>",
                     kind, 100 * from, 100 * width);
}

// How it spent what it could have been busy: computing, standing inside, blocked.
std::string bar(const NodeRecord& node, double y, std::string_view kind, int threads) {
  const double all = room(node, threads);
  const double busy = part(node.busy_seconds, all);
  const bool alone = node.lane == Lane::threads;  // no nested tasks of other threads
  const double computing = alone ? std::min(part(node.cpu_seconds, all), busy) : busy;
  // (A sampler waits for slots whatever limits: it is always ahead.)
  const double blocked =
      node.unit == "batch" ? std::min(part(node.blocked_seconds, all), 1 - busy) : 0.0;
  std::string html =
      fmt::format("<svg x=\"{}\" y=\"{:.1f}\" width=\"100%\" height=\"10\">", kText, y);
  html += piece("track", 0.0, 1.0) + piece(fmt::format("fill {}", kind), 0.0, computing);
  html += piece(fmt::format("fill standing {}", kind), computing, busy - computing);
  return html + piece("blocked", busy, blocked) + "</svg>";
}

std::string figures(const NodeRecord& node, int threads) {
  const double busy = 100 * part(node.busy_seconds, room(node, threads));
  const double rate =
      node.run_seconds > 0.0 ? static_cast<double>(node.items_out) / node.run_seconds : 0.0;
  const std::string_view unit = node.unit == "image" ? "img" : "batch";
  return fmt::format("{} busy \u00b7 {} {}/s", percent(busy), figure(rate), unit);
}

std::string note(std::string_view kind, const NodeRecord& node, const Verdict& verdict) {
  if (kind == "limit") return "<tspan class=\"tag limit\" dx=\"8\">limits</tspan>";
  if (kind == "near" && node.name == verdict.next_limit)
    return "<tspan class=\"tag near\" dx=\"8\">next</tspan>";
  return {};
}

std::string row(const NodeRecord& node, double y, double most, const AccountRecord& account) {
  const std::string_view kind = heat(node, account);
  const double radius = 4 + 10 * std::sqrt(part(node.busy_seconds, most));
  return fmt::format(
      "<g class=\"node\"><title>{}</title>{}<text class=\"name\" x=\"{}\" y=\"{:.1f}\">{}{}</text>"
      "<text class=\"figures\" x=\"100%\" dx=\"{}\" y=\"{:.1f}\" "
      "text-anchor=\"end\">{}</text>{}</g>\n",
      hover(node, account), station(node, y + kRow / 2, radius, kind), kText, y + 19,
      escaped(name_in_pipeline(node.name)), note(kind, node, account.verdict), kText, y + 19,
      escaped(figures(node, account.threads)), bar(node, y + 26, kind, account.threads));
}

std::string lane_of(const NodeRecord& node, int threads) {
  if (node.lane == Lane::threads)
    return fmt::format("image by image, on any of {} thread{}", threads, threads == 1 ? "" : "s");
  if (node.lane == Lane::step)
    return node.place == "cpu" ? "the step, one batch at a time"
                               : fmt::format("the step, on {}", node.place);
  return fmt::format("one {} at a time", node.unit);
}

std::string drawing(const NodeGroup& group, const AccountRecord& account) {
  double most = 0.0;
  for (const NodeRecord& node : group.nodes) most = std::max(most, node.busy_seconds);
  std::string rows;
  std::string lane;
  double y = 0.0;
  double first = 0.0;
  for (const NodeRecord& node : group.nodes) {
    const std::string own = lane_of(node, account.threads);
    if (own != lane) {
      rows += fmt::format("<text class=\"lane\" x=\"{}\" y=\"{:.1f}\">{}</text>\n", kText, y + 22,
                          escaped(own));
      lane = own;
      y += kHead;
    }
    if (first == 0.0) first = y + kRow / 2;
    rows += row(node, y, most, account);
    y += kRow;
  }
  return fmt::format(
      "<svg class=\"graph\" role=\"img\" aria-label=\"The nodes in pipeline order, and how busy "
      "each is\" height=\"{0:.0f}\">\n<line class=\"rail\" x1=\"{1}\" x2=\"{1}\" "
      "y1=\"{2:.1f}\" y2=\"{3:.1f}\"/>\n{4}</svg>\n",
      y + 6, kLine, first, y - kRow / 2, rows);
}

constexpr std::string_view kKey =
    "<ul class=\"legend\"><li><i class=\"fill limit\"></i>limits the run</li><li><i class=\"fill "
    "near\"></i>next, or busy for more than 70 %</li><li><i class=\"fill calm\"></i>has "
    "room</li><li><i class=\"fill standing calm\"></i>inside, but not computing: disk, or "
    "another process</li><li><i class=\"blocked\"></i>blocked</li><li>circle: images, square: "
    "batches, diamond: a device; their area is the time inside</li></ul>\n";

}  // namespace

std::string graph_section(const AccountRecord& account) {
  std::string html;
  for (const NodeGroup& group : node_groups(account)) {
    if (group.prefix.empty() || html.empty()) {
      html += drawing(group, account) + std::string(kKey);
      continue;
    }
    const std::string_view name(group.prefix.data(), group.prefix.size() - 1);
    html += fmt::format("<details><summary>The pipeline of {}</summary>\n{}</details>\n",
                        escaped(name), drawing(group, account));
  }
  return section({.id = "graph",
                  .heading = "The graph",
                  .lead = "Nodes in the order of the pipeline. A bar is full where a node was "
                          "busy all the time that it could have been."},
                 html);
}

}  // namespace sluice::io::report
