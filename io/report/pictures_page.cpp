#include "io/report/pictures_page.h"

#include <fmt/format.h>

#include "io/report/document.h"
#include "io/report/html.h"
#include "io/report/picture_figure.h"
#include "io/report/sections.h"

namespace sluice::io {
namespace {

using report::escaped;

std::string image_section(const ImagePictures& image) {
  std::string html = fmt::format("<section><h2><bdi>{}</bdi></h2>\n", escaped(image.path));
  for (const std::string& words : image.words)
    html += fmt::format("<p class=\"lead\">{}</p>\n", escaped(words));
  html += "<div class=\"pictures\">\n";
  for (const Picture& picture : image.pictures)
    html += report::picture_figure(picture, fmt::format("{}: {}", image.path, picture.name));
  return html + "</div></section>\n";
}

}  // namespace

std::string pictures_page(const PicturesPage& page) {
  std::string body = fmt::format("<header><h1>{}</h1>\n", escaped(page.title));
  for (const std::string& words : page.lead)
    body += fmt::format("<p class=\"lead\">{}</p>\n", escaped(words));
  body += "</header>\n<main>\n" + report::filter_section(page.filters);
  for (const ImagePictures& image : page.images) body += image_section(image);
  return report::document(page.title, body + "</main>\n");
}

}  // namespace sluice::io
