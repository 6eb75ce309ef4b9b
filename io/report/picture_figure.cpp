#include "io/report/picture_figure.h"

#include <fmt/format.h>

#include <algorithm>

#include "io/report/base64.h"
#include "io/report/html.h"

namespace sluice::io::report {
namespace {

constexpr int kNarrowest = 200;  // pixels that words below a picture have at least

}  // namespace

std::string picture_figure(const Picture& picture, const std::string& alt) {
  std::string html = fmt::format(
      "<figure style=\"width:{}px\"><img width=\"{}\" height=\"{}\" alt=\"{}\" "
      "src=\"data:image/png;base64,{}\"><figcaption><b>{}</b>",
      std::max(picture.shown.width, kNarrowest), picture.shown.width, picture.shown.height,
      escaped(alt), base64(picture.png), escaped(picture.name));
  for (const std::string& words : picture.words)
    html += fmt::format("<span>{}</span>", escaped(words));
  return html + "</figcaption></figure>\n";
}

}  // namespace sluice::io::report
