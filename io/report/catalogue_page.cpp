#include "io/report/catalogue_page.h"

#include <fmt/format.h>

#include "io/report/document.h"
#include "io/report/html.h"

namespace sluice::io {
namespace {

using report::escaped;

std::string row(const CatalogueParameter& parameter) {
  std::string html =
      fmt::format("<tr><th scope=\"row\"><code>{}</code></th>", escaped(parameter.name));
  const std::string* cells[] = {&parameter.type, &parameter.unit, &parameter.otherwise,
                                &parameter.valid, &parameter.help};
  for (const std::string* text : cells) html += fmt::format("<td>{}</td>", escaped(*text));
  return html + "</tr>\n";
}

std::string table(std::span<const CatalogueParameter> parameters, std::string_view of) {
  if (parameters.empty()) return "<p>No parameters of its own.</p>\n";
  std::string rows;
  for (const CatalogueParameter& parameter : parameters) rows += row(parameter);
  return fmt::format(
      "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Parameters of {}\"><table "
      "class=\"words\">"
      "<thead><tr><th scope=\"col\">parameter</th><th scope=\"col\">type</th>"
      "<th scope=\"col\">unit</th><th scope=\"col\">default</th><th scope=\"col\">valid</th>"
      "<th scope=\"col\">meaning</th></tr></thead><tbody>\n{}</tbody></table></div>\n",
      escaped(of), rows);
}

std::string section(const CatalogueItem& item) {
  std::string facts = fmt::format("{}; cost grows with {}; {}", item.kind, item.cost, item.tested);
  for (const std::string& note : item.notes) facts += "; " + note;
  return fmt::format("<section id=\"{}\"><h2>{}</h2>\n<p>{}.</p>\n<p>{}.</p>\n{}</section>\n",
                     escaped(item.name), escaped(item.name), escaped(item.help), escaped(facts),
                     table(item.parameters, item.name));
}

}  // namespace

std::string catalogue_page(std::span<const CatalogueItem> items,
                           std::span<const CatalogueParameter> general) {
  std::string links, sections;
  for (const CatalogueItem& item : items) {
    links += fmt::format("<li><a href=\"#{}\">{}</a></li>", escaped(item.name), escaped(item.name));
    sections += section(item);
  }
  return report::document(
      "Nodes of a chain",
      fmt::format("<header class=\"top\"><h1>Nodes of a chain</h1>\n<p>{} nodes. In a recipe: "
                  "<code>[[augment]]</code>, <code>node = &quot;NAME&quot;</code>, parameters; "
                  "<code>name</code> where a node is used twice.</p></header>\n"
                  "<nav class=\"many\" aria-label=\"Nodes\"><ul>{}</ul></nav>\n<main>\n"
                  "<section id=\"every-node\"><h2>Every node</h2>\n<p>Unless it has its own of "
                  "that name.</p>\n{}</section>\n{}</main>\n",
                  items.size(), links, table(general, "every node"), sections));
}

}  // namespace sluice::io
