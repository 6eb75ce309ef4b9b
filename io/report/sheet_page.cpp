#include <fmt/format.h>

#include "io/encode_png.h"
#include "io/report/base64.h"
#include "io/report/document.h"
#include "io/report/html.h"
#include "io/report/sheet.h"

namespace sluice::io {
namespace {

using report::escaped;

std::string cell_html(const SheetCell& cell, const SheetRow& row, const SheetImage& image) {
  const std::string size = fmt::format("{} \u00d7 {}", cell.extent.width, cell.extent.height);
  const std::string alt =
      fmt::format("{}, {}, {}, {} pixels", image.path, row.chain, cell.name, size);
  std::string html = fmt::format(
      "<figure><img alt=\"{}\" src=\"data:image/png;base64,{}\"><figcaption><b>{}</b> "
      "<span>{}</span>",
      escaped(alt), report::base64(encode_png(cell.picture.view())), escaped(cell.name), size);
  for (const std::string& words : cell.words)
    html += fmt::format("<span>{}</span>", escaped(words));
  if (cell.stretched) {
    html += fmt::format("<span>shown from {} to {}</span>", report::figure(cell.black),
                        report::figure(cell.white));
  }
  return html + "</figcaption></figure>\n";
}

std::string row_html(const SheetRow& row, const SheetImage& image) {
  std::string html = fmt::format(
      "<h3>{}</h3>\n<div class=\"scroll stages\" tabindex=\"0\" role=\"region\" "
      "aria-label=\"Pictures\">\n",
      escaped(row.chain));
  for (const SheetCell& cell : row.cells) html += cell_html(cell, row, image);
  return html + "</div>\n";
}

std::string image_html(const SheetImage& image) {
  const bool labelled = !image.label.empty();
  std::string html = fmt::format(
      "<section class=\"sample\"><h2><bdi>{}</bdi>{}</h2>\n",
      escaped(labelled ? image.label : image.path),
      labelled ? fmt::format(" <small><bdi>{}</bdi></small>", escaped(image.path)) : std::string());
  for (const SheetRow& row : image.rows) html += row_html(row, image);
  return html + "</section>\n";
}

}  // namespace

std::string sheet_page(const Sheet& sheet) {
  std::string body = fmt::format("<header><h1>{}</h1></header>\n<main>\n", escaped(sheet.title));
  for (const SheetImage& image : sheet.images) body += image_html(image);
  return report::document(sheet.title, body + "</main>\n");
}

}  // namespace sluice::io
