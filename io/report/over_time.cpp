// The run over time: rate, CPU by node, how busy each node was and what stood before it, bytes.
#include <fmt/format.h>

#include <algorithm>

#include "io/report/chart.h"
#include "io/report/html.h"
#include "io/report/sections.h"

namespace sluice::io::report {
namespace {

constexpr std::size_t kMostPoints = 200;
constexpr double kIdle = 0.01;  // nodes that are never busier say nothing over time

// The moments that are shown: sums since the begin, so that those between may be left out.
struct Shown {
  std::vector<const Moment*> moments;
  std::vector<double> seconds;  // middles between them, where rates of change lie
  std::vector<double> ends;     // the moments' own
};

Shown shown(const Timeline& timeline) {
  Shown all;
  for (const std::size_t at : spread(timeline.moments.size(), kMostPoints)) {
    const Moment& moment = timeline.moments[at];
    if (!all.moments.empty()) {
      if (moment.seconds <= all.moments.back()->seconds) continue;
      all.seconds.push_back((moment.seconds + all.moments.back()->seconds) / 2);
    }
    all.moments.push_back(&moment);
    all.ends.push_back(moment.seconds);
  }
  if (all.seconds.empty()) return all;
  // The first and the last rate hold up to the edges.
  all.seconds.front() = all.ends.front();
  all.seconds.back() = all.ends.back();
  return all;
}

// What `sum` grew by a second, between moments.
template <class Sum>
std::vector<double> growth(const Shown& shown, const Sum& sum) {
  std::vector<double> rates;
  for (std::size_t i = 1; i < shown.moments.size(); ++i) {
    const double seconds = shown.moments[i]->seconds - shown.moments[i - 1]->seconds;
    rates.push_back(std::max((sum(*shown.moments[i]) - sum(*shown.moments[i - 1])) / seconds, 0.0));
  }
  return rates;
}

template <class Value>
std::vector<double> values(const Shown& shown, const Value& value) {
  std::vector<double> all;
  for (const Moment* moment : shown.moments) all.push_back(static_cast<double>(value(*moment)));
  return all;
}

const NodeMoment* node_at(const Moment& moment, std::size_t node) {
  return node < moment.nodes.size() ? &moment.nodes[node] : nullptr;
}

// Nodes that do the same in different pipelines, as one.
struct Alike {
  std::string name;
  std::vector<std::size_t> nodes;  // places in the timeline
};

std::vector<Alike> alike(const Timeline& timeline) {
  std::vector<Alike> all;
  for (std::size_t i = 0; i < timeline.nodes.size(); ++i) {
    const std::string_view own = name_in_pipeline(timeline.nodes[i]);
    auto same = std::find_if(all.begin(), all.end(), [&](const Alike& a) { return a.name == own; });
    if (same == all.end()) {
      all.push_back({.name = std::string(own), .nodes = {}});
      same = all.end() - 1;
    }
    same->nodes.push_back(i);
  }
  return all;
}

double cpu_of(const Alike& alike, const Moment& moment) {
  double seconds = 0.0;
  for (const std::size_t node : alike.nodes)
    if (const NodeMoment* at = node_at(moment, node)) seconds += at->cpu_seconds;
  return seconds;
}

std::string cpu_chart(const ReportPage& page, const Shown& shown) {
  Chart chart{.label = "CPU of each node over time, in cores",
              .x = shown.seconds,
              .series = {},
              .at_least = static_cast<double>(page.account.threads),
              .height = 240};
  std::vector<double> rest =
      growth(shown, [](const Moment& moment) { return moment.cpu_seconds_process; });
  std::vector<double> light(rest.size(), 0.0);
  for (const Alike& node : alike(page.timeline)) {
    const auto cpu = [&](const Moment& moment) { return cpu_of(node, moment); };
    std::vector<double> cores = growth(shown, cpu);
    for (std::size_t i = 0; i < rest.size(); ++i) rest[i] = std::max(rest[i] - cores[i], 0.0);
    const int colour = colour_of(page.account, node.name);
    if (colour == kLightNodes) {
      for (std::size_t i = 0; i < light.size(); ++i) light[i] += cores[i];
      continue;
    }
    const double whole = cpu(*shown.moments.back()) - cpu(*shown.moments.front());
    chart.series.push_back({.name = node.name,
                            .note = fmt::format("{} of CPU", duration(whole)),
                            .colour = colour,
                            .draw = Draw::stacked,
                            .y = std::move(cores)});
  }
  if (std::any_of(light.begin(), light.end(), [](double cores) { return cores > 0.0; })) {
    chart.series.push_back({.name = "all lighter nodes",
                            .colour = kLightNodes,
                            .draw = Draw::stacked,
                            .y = std::move(light)});
  }
  chart.series.push_back({.name = "no node's",
                          .note = "scheduler, spinning, start-up, report",
                          .colour = kNobody,
                          .draw = Draw::stacked,
                          .y = std::move(rest)});
  return "<h3>CPU by node <small>cores</small></h3>\n" + report::chart(chart);
}

// Images that left the last node that takes images one by one, of every pipeline.
std::string rate_chart(const ReportPage& page, const Shown& shown) {
  std::vector<std::size_t> last;
  for (const NodeGroup& group : node_groups(page.account)) {
    const auto is_image = [](const NodeRecord& node) { return node.unit == "image"; };
    const auto node = std::find_if(group.nodes.rbegin(), group.nodes.rend(), is_image);
    if (node == group.nodes.rend()) continue;
    const auto& names = page.timeline.nodes;
    const auto at = std::find(names.begin(), names.end(), node->name);
    if (at != names.end()) last.push_back(static_cast<std::size_t>(at - names.begin()));
  }
  if (last.empty()) return {};
  std::vector<double> rates = growth(shown, [&](const Moment& moment) {
    double images = 0.0;
    for (const std::size_t node : last)
      if (const NodeMoment* at = node_at(moment, node))
        images += static_cast<double>(at->items_out);
    return images;
  });
  return "<h3>Images a second</h3>\n" +
         chart({.label = "Prepared images a second over time",
                .x = shown.seconds,
                .series = {{.name = "", .note = "", .colour = 0, .y = std::move(rates)}},
                .height = 150});
}

const NodeRecord* record_of(const AccountRecord& account, std::string_view name) {
  for (const NodeRecord& node : account.nodes)
    if (node.name == name) return &node;
  return nullptr;
}

std::string strip(const ReportPage& page, const Shown& shown, std::size_t node) {
  const std::string& name = page.timeline.nodes[node];
  const NodeRecord* record = record_of(page.account, name);
  const bool shares = record != nullptr && record->lane == Lane::threads;
  const double lanes = shares ? std::max(page.account.threads, 1) : 1;
  std::vector<double> busy = growth(shown, [&](const Moment& moment) {
    const NodeMoment* at = node_at(moment, node);
    return at == nullptr ? 0.0 : at->busy_seconds / lanes;
  });
  for (double& share : busy) share = std::min(share, 1.0);
  std::vector<double> queued = values(shown, [&](const Moment& moment) {
    const NodeMoment* at = node_at(moment, node);
    return at == nullptr ? 0 : at->queued;
  });
  const double most = *std::max_element(queued.begin(), queued.end());
  if (most <= 0.0 && *std::max_element(busy.begin(), busy.end()) < kIdle) return {};
  const int colour = colour_of(page.account, name);
  std::string html = fmt::format("<span class=\"name\">{}</span>", escaped(name));
  html += spark({.label = name + ": busy over time, up to 100 %",
                 .x = shown.seconds,
                 .y = std::move(busy),
                 .top = 1.0,
                 .colour = colour});
  if (most <= 0.0) return html + "<span class=\"none\">nothing waited</span>\n";
  html += spark(
      {.label = fmt::format("{}: items that wait before it, up to {}", name, short_figure(most)),
       .x = shown.ends,
       .y = std::move(queued),
       .top = most,
       .colour = colour});
  return html + fmt::format("<span class=\"top\">{}</span>\n", short_figure(most));
}

std::string strips(const ReportPage& page, const Shown& shown) {
  std::string html;
  std::size_t idle = 0;
  for (std::size_t node = 0; node < page.timeline.nodes.size(); ++node) {
    const std::string one = strip(page, shown, node);
    html += one;
    idle += one.empty() ? 1U : 0U;
  }
  if (html.empty()) return {};
  const std::string left_out =
      idle == 0 ? std::string()
                : fmt::format(
                      "<p class=\"note\">Left out: {} node{} never busy for 1 % of a "
                      "moment, and before which nothing waited.</p>\n",
                      idle, idle == 1 ? "" : "s");
  return fmt::format(
      "<h3>Each node</h3>\n<div class=\"strips\">\n<span>node</span><span>busy, 0 to 100 %</span>"
      "<span>items before it</span><span>at most</span>\n{}</div>\n{}",
      html, left_out);
}

std::string bytes_chart(const Shown& shown) {
  std::vector<double> files =
      values(shown, [](const Moment& moment) { return moment.in_flight.file_bytes; });
  std::vector<double> images =
      values(shown, [](const Moment& moment) { return moment.in_flight.image_bytes; });
  const auto none = [](const std::vector<double>& bytes) {
    return std::all_of(bytes.begin(), bytes.end(), [](double b) { return b <= 0.0; });
  };
  if (none(files) && none(images)) return {};
  return "<h3>Bytes in flight</h3>\n" +
         chart({.label = "Bytes reserved for files and for images over time",
                .x = shown.ends,
                .series = {{.name = "decoders and images",
                            .colour = 1,
                            .draw = Draw::stacked,
                            .y = std::move(images)},
                           {.name = "compressed files",
                            .colour = 8,
                            .draw = Draw::stacked,
                            .y = std::move(files)}},
                .y_unit = Unit::bytes,
                .height = 150});
}

std::string device_chart(const Shown& shown) {
  if (shown.moments.back()->device_seconds <= 0.0) return {};
  std::vector<double> busy =
      growth(shown, [](const Moment& moment) { return 100 * moment.device_seconds; });
  return "<h3>The device</h3>\n" +
         chart({.label = "How busy the device was over time",
                .x = shown.seconds,
                .series = {{.name = "", .note = "", .colour = 10, .y = std::move(busy)}},
                .y_unit = Unit::percent,
                .at_least = 100.0,
                .height = 150});
}

}  // namespace

std::string time_section(const ReportPage& page) {
  const Shown moments = shown(page.timeline);
  if (moments.seconds.size() < 2) return {};
  return section({.id = "time", .heading = "Over time", .lead = ""},
                 rate_chart(page, moments) + cpu_chart(page, moments) + strips(page, moments) +
                     bytes_chart(moments) + device_chart(moments));
}

}  // namespace sluice::io::report
