#include "io/report/page.h"

#include <fmt/format.h>

#include "io/atomic_file.h"
#include "io/report/document.h"
#include "io/report/html.h"
#include "io/report/sections.h"

namespace sluice::io {
namespace {

// Links to the sections that are there.
std::string contents(const std::string& body) {
  constexpr std::pair<std::string_view, std::string_view> kSections[] = {
      {"graph", "graph"},       {"account", "account"},     {"time", "over time"},
      {"learning", "learning"}, {"layers", "layers"},       {"filters", "filters"},
      {"samples", "images"},    {"confusion", "confusion"}, {"mistakes", "mistakes"},
      {"recipe", "recipe"},     {"machine", "machine"}};
  std::string items;
  for (const auto& [id, name] : kSections) {
    if (body.find(fmt::format("<section id=\"{}\"", id)) == std::string::npos) continue;
    items += fmt::format("<li><a href=\"#{}\">{}</a></li>", id, name);
  }
  return fmt::format("<nav aria-label=\"Sections\"><ul>{}</ul></nav>\n", items);
}

}  // namespace

std::string report_page(const ReportPage& page) {
  const std::string body = report::graph_section(page.account) +
                           report::node_section(page.account) + report::time_section(page) +
                           report::learning_section(page) + report::layer_section(page.account) +
                           report::filter_section(page.filters) +
                           report::sample_section(page.samples) + report::confusion_section(page) +
                           report::mistake_section(page.mistakes) + report::recipe_section(page) +
                           report::machine_section(page);
  return report::document(page.title,
                          report::headline(page) + contents(body) + "<main>\n" + body +
                              "</main>\n<script type=\"application/json\" id=\"sluice-report\">\n" +
                              report::json_in_script(report::page_json(page)) + "\n</script>\n");
}

void write_report_page(const std::filesystem::path& file, const ReportPage& page) {
  write_text_file(file, report_page(page));
}

}  // namespace sluice::io
