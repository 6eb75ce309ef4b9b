// What the first layer of a net looks for.
#include "io/report/html.h"
#include "io/report/picture_figure.h"
#include "io/report/sections.h"

namespace sluice::io::report {

std::string filter_section(const std::vector<Picture>& filters) {
  if (filters.empty()) return {};
  std::string html = "<div class=\"pictures\">\n";
  for (const Picture& picture : filters)
    html += picture_figure(picture, "the kernels of " + picture.name);
  return section({.id = "filters",
                  .heading = "First layer's filters",
                  .lead = "The kernels of the first convolution, as pictures of what they answer "
                          "to."},
                 html + "</div>\n");
}

}  // namespace sluice::io::report
