#include "io/report/tables_page.h"

#include <fmt/format.h>

#include <algorithm>

#include "io/report/document.h"
#include "io/report/html.h"
#include "io/text.h"

namespace sluice::io {
namespace {

using report::escaped;

std::string row_html(const std::vector<std::string>& cells, const char* first, const char* rest) {
  std::string html = "<tr>";
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const char* tag = i == 0 ? first : rest;
    const std::string_view name = std::string_view(tag).substr(0, 2);
    html += fmt::format("<{}>{}</{}>", tag, escaped(cells[i]), name);
  }
  return html + "</tr>\n";
}

std::string table_html(const WordTable& table) {
  std::string html = fmt::format("<thead>{}</thead>\n<tbody>\n",
                                 row_html(table.columns, "th scope=\"col\"", "th scope=\"col\""));
  for (const auto& row : table.rows) html += row_html(row, "th scope=\"row\"", "td");
  return fmt::format(
      "<section><h2>{0}</h2>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
      "aria-label=\"{0}\"><table>\n{1}</tbody>\n</table></div></section>\n",
      escaped(table.heading), html);
}

std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U; }));
}

std::string padded(const std::string& text, std::size_t width, bool left) {
  const std::string space(width - std::min(width, width_of(text)), ' ');
  return left ? text + space : space + text;
}

std::string row_text(const std::vector<std::string>& cells,
                     const std::vector<std::size_t>& widths) {
  std::string line;
  for (std::size_t i = 0; i < cells.size(); ++i)
    line += fmt::format("{}{}", i == 0 ? "" : "  ",
                        padded(without_controls(cells[i]), widths[i], i == 0));
  line.erase(line.find_last_not_of(' ') + 1);
  return line + "\n";
}

std::string table_text(const WordTable& table) {
  std::vector<std::size_t> widths;
  for (const std::string& column : table.columns) widths.push_back(width_of(column));
  for (const auto& row : table.rows)
    for (std::size_t i = 0; i < widths.size(); ++i)
      widths[i] = std::max(widths[i], width_of(without_controls(row[i])));
  std::string text = fmt::format("{}\n{}", table.heading, row_text(table.columns, widths));
  for (const auto& row : table.rows) text += row_text(row, widths);
  return text;
}

}  // namespace

std::string tables_page(const TablesPage& page) {
  std::string body = fmt::format("<header><h1>{}</h1>\n", escaped(page.title));
  for (const std::string& words : page.lead)
    body += fmt::format("<p class=\"lead\">{}</p>\n", escaped(words));
  body += "</header>\n<main>\n";
  for (const WordTable& table : page.tables) body += table_html(table);
  return report::document(page.title, body + "</main>\n");
}

std::string tables_text(const TablesPage& page) {
  std::string text;
  for (const std::string& words : page.lead) text += without_controls(words) + "\n";
  for (const WordTable& table : page.tables)
    text += fmt::format("{}{}", text.empty() ? "" : "\n", table_text(table));
  return text;
}

}  // namespace sluice::io
