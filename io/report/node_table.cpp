// The account as a table, and how it closes against the kernel's count.
#include <fmt/format.h>

#include <algorithm>

#include "io/report/chart.h"
#include "io/report/html.h"
#include "io/report/sections.h"

namespace sluice::io::report {
namespace {

std::string cell(std::string_view key, const std::string& text) {
  return fmt::format("<td data-key=\"{}\">{}</td>", key, text);
}

// Three digits or so.
std::string ms(double value) {
  return fixed(value, value >= 99.95 ? 0 : value >= 9.995 ? 1 : value >= 0.9995 ? 2 : 3);
}

double rate_of(const NodeRecord& node) {
  return node.run_seconds > 0.0 ? static_cast<double>(node.items_out) / node.run_seconds : 0.0;
}

std::string node_row(const NodeRecord& node, const Verdict& verdict) {
  const bool limits = names_a_limit(verdict) && node.name == verdict.limiting_node;
  std::string html = fmt::format("<tr{}><th scope=\"row\">{}</th>",
                                 limits ? " class=\"limit\"" : "", escaped(node.name));
  html += cell("place", escaped(node.place)) + cell("unit", escaped(node.unit));
  html += cell("items_in", grouped(node.items_in)) + cell("items_out", grouped(node.items_out));
  html += cell("items_failed", grouped(node.items_failed));
  html += cell("items_held", grouped(node.items_held));
  html += cell("items_per_second", fixed(rate_of(node), 1));
  html += cell("busy_seconds", fixed(node.busy_seconds, 2));
  html += cell("cpu_seconds", fixed(node.cpu_seconds, 2));
  html += cell("starved_seconds", fixed(node.starved_seconds, 2));
  html += cell("blocked_seconds", fixed(node.blocked_seconds, 2));
  html += cell("queued_seconds", fixed(node.queued_seconds, 2));
  html += cell("p50_ms", ms(node.p50_ms)) + cell("p90_ms", ms(node.p90_ms));
  html += cell("p99_ms", ms(node.p99_ms));
  html += cell("bytes_held_max", byte_count(static_cast<double>(node.bytes_held_max)));
  return html + "</tr>\n";
}

constexpr std::string_view kHead =
    "<thead><tr><th scope=\"col\">node</th><th scope=\"col\">on</th><th scope=\"col\">of</th>"
    "<th scope=\"col\">in</th><th scope=\"col\">out</th><th scope=\"col\">failed</th>"
    "<th scope=\"col\">held</th><th scope=\"col\">per s</th><th scope=\"col\">busy s</th>"
    "<th scope=\"col\">CPU s</th><th scope=\"col\">starved s</th><th scope=\"col\">blocked s</th>"
    "<th scope=\"col\">queued s</th><th scope=\"col\">p50 ms</th><th scope=\"col\">p90 ms</th>"
    "<th scope=\"col\">p99 ms</th><th scope=\"col\">bytes</th></tr></thead>\n";

// Who used CPU, and the colour of it.
struct Part {
  std::string name;
  double seconds = 0.0;
  int colour = 0;
};

std::vector<Part> cpu_parts(const AccountRecord& account) {
  std::vector<Part> parts;
  for (const NodeRecord& node : account.nodes)
    parts.push_back({node.name, node.cpu_seconds, colour_of(account, node.name)});
  for (const Overhead& row : account.overheads)
    parts.push_back({row.name, row.cpu_seconds, kNobody});
  std::erase_if(parts, [](const Part& part) { return part.seconds <= 0.0; });
  return parts;
}

// One bar: what the kernel counted, divided by who used it. The legend names the larger ones.
std::string cpu_bar(const AccountRecord& account) {
  const double all = std::max(account.cpu_seconds_process, account.cpu_seconds_attributed());
  if (!(all > 0.0)) return {};
  std::string bar;
  std::string legend;
  for (const Part& part : cpu_parts(account)) {
    const double percent_wide = 100 * part.seconds / all;
    const std::string colour = colour_class(part.colour);
    bar += fmt::format("<span class=\"{}\" style=\"width:{:.2f}%\" title=\"{}: {} s\"></span>",
                       colour, percent_wide, escaped(part.name), fixed(part.seconds, 2));
    if (percent_wide < 1.0) continue;
    legend += fmt::format("<li><i class=\"{}\"></i>{} {}</li>", colour, escaped(part.name),
                          percent(percent_wide));
  }
  return fmt::format(
      "<h3>Where the CPU went</h3>\n<div class=\"cpu-bar\" role=\"img\" "
      "aria-label=\"CPU seconds by node\">{}</div>\n<ul class=\"legend\">{}</ul>\n",
      bar, legend);
}

std::string sum_row(std::string_view name, std::string_view key, double seconds) {
  return fmt::format("<tr><th scope=\"row\">{}</th><td data-key=\"{}\">{}</td></tr>\n",
                     escaped(name), escaped(key), fixed(seconds, 2));
}

std::string closing(const AccountRecord& account) {
  double nodes = 0.0;
  for (const NodeRecord& node : account.nodes) nodes += node.cpu_seconds;
  std::string html = sum_row("nodes", "nodes", nodes);
  for (const Overhead& row : account.overheads)
    html += sum_row(row.name, row.name, row.cpu_seconds);
  html += sum_row("sum", "cpu_seconds_attributed", account.cpu_seconds_attributed());
  html += sum_row("the kernel's count", "cpu_seconds_process", account.cpu_seconds_process);
  if (account.cpu_seconds_process > 0.0) {
    html +=
        fmt::format("<tr><th scope=\"row\">gap</th><td data-key=\"gap_percent\">{} %</td></tr>\n",
                    fixed(account.gap_percent(), 2));
  }
  return fmt::format(
      "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"CPU seconds\">"
      "<table id=\"cpu\"><thead><tr><th scope=\"col\">CPU of</th><th scope=\"col\">seconds</th>"
      "</tr></thead>\n<tbody>\n{}</tbody></table></div>\n",
      html);
}

std::string device_row(const DeviceRecord& device) {
  return fmt::format(
      "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td>"
      "<td>{}</td></tr>\n",
      escaped(device.place), escaped(device.name), fixed(device.compute_seconds, 2),
      fixed(device.idle_seconds, 2), fixed(device.copy_seconds, 2),
      byte_count(static_cast<double>(device.bytes_copied)),
      byte_count(static_cast<double>(device.bytes_held)));
}

std::string devices(const AccountRecord& account) {
  if (account.devices.empty()) return {};
  std::string rows;
  for (const DeviceRecord& device : account.devices) rows += device_row(device);
  return fmt::format(
      "<h3>Devices</h3>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
      "aria-label=\"Devices\"><table><thead><tr><th scope=\"col\">device</th>"
      "<th scope=\"col\">name</th><th scope=\"col\">computes s</th><th scope=\"col\">idle s</th>"
      "<th scope=\"col\">copies s</th><th scope=\"col\">copied</th><th scope=\"col\">held</th>"
      "</tr></thead>\n<tbody>\n{}</tbody></table></div>\n",
      rows);
}

}  // namespace

std::string node_section(const AccountRecord& account) {
  if (account.nodes.empty()) return {};
  std::string rows;
  for (const NodeRecord& node : account.nodes) rows += node_row(node, account.verdict);
  const std::string table = fmt::format(
      "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Nodes\">"
      "<table id=\"nodes\">{}<tbody>\n{}</tbody></table></div>\n",
      kHead, rows);
  return section({.id = "account",
                  .heading = "The account",
                  .lead = "Per node: in = out + failed + held. CPU of nodes and of what stands "
                          "below must equal the kernel's count."},
                 table + devices(account) + cpu_bar(account) + closing(account));
}

}  // namespace sluice::io::report
