// Images that a net took for something else, the surest mistakes first.
#include <fmt/format.h>

#include "io/report/base64.h"
#include "io/report/html.h"
#include "io/report/sections.h"

namespace sluice::io::report {
namespace {

std::string picture(const Mistake& mistake) {
  const std::string alt = fmt::format("{}, taken for {}", mistake.label, mistake.guess);
  return fmt::format(
      "<figure><img width=\"{}\" height=\"{}\" alt=\"{}\" src=\"data:image/jpeg;base64,{}\">"
      "<figcaption><b>{} ({:.1f} %)</b><span>is {}</span><span><bdi>{}</bdi></span></figcaption>"
      "</figure>\n",
      mistake.shown.width, mistake.shown.height, escaped(alt), base64(mistake.jpeg),
      escaped(mistake.guess), 100 * mistake.probability, escaped(mistake.label),
      escaped(mistake.path));
}

}  // namespace

std::string mistake_section(const std::vector<Mistake>& mistakes) {
  if (mistakes.empty()) return {};
  std::string html = "<div class=\"mistakes\">\n";
  for (const Mistake& mistake : mistakes) html += picture(mistake);
  return section({.id = "mistakes",
                  .heading = "Worst mistakes",
                  .lead = "Images that were taken for another class, the surest first: what was "
                          "said, how likely it was, and what the image is."},
                 html + "</div>\n");
}

}  // namespace sluice::io::report
