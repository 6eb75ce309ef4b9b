// What was run, and on what.
#include <fmt/format.h>

#include "io/report/html.h"
#include "io/report/sections.h"

namespace sluice::io::report {
namespace {

std::string entry(std::string_view name, std::string_view value) {
  return fmt::format("<div><dt>{}</dt><dd>{}</dd></div>\n", escaped(name), escaped(value));
}

}  // namespace

std::string recipe_section(const ReportPage& page) {
  if (page.recipe.empty()) return {};
  return section({.id = "recipe", .heading = "The recipe", .lead = ""},
                 fmt::format("<details><summary>Everything that decided this run</summary>\n"
                             "<pre class=\"scroll\" tabindex=\"0\">{}</pre>\n</details>\n",
                             escaped_lines(page.recipe)));
}

std::string machine_section(const ReportPage& page) {
  const ProcessUsage& usage = page.account.process;
  std::string html = entry("processor", page.machine.cpu);
  html += entry("threads", fmt::format("{}", page.account.threads));
  html += entry("CPU in user mode", duration(usage.cpu_user_seconds));
  html += entry("CPU in the kernel", duration(usage.cpu_system_seconds));
  html += entry("read", byte_count(static_cast<double>(usage.bytes_read)));
  html += entry("of it from disk", byte_count(static_cast<double>(usage.bytes_read_from_disk)));
  html += entry("memory at most", byte_count(static_cast<double>(usage.resident_bytes_max)));
  html += entry("page faults", fmt::format("{} minor, {} major", grouped(usage.minor_faults),
                                           grouped(usage.major_faults)));
  html += entry("switches",
                fmt::format("{} voluntary, {} involuntary", grouped(usage.voluntary_switches),
                            grouped(usage.involuntary_switches)));
  for (const auto& [name, version] : page.machine.versions) html += entry(name, version);
  return section({.id = "machine", .heading = "The machine", .lead = ""},
                 fmt::format("<dl class=\"entries\">\n{}</dl>\n", html));
}

}  // namespace sluice::io::report
