// What each layer of the net took of the step.
#include <fmt/format.h>

#include "io/report/html.h"
#include "io/report/sections.h"

namespace sluice::io::report {
namespace {

double whole(const LayerRecord& layer) {
  return layer.forward_seconds + layer.backward_seconds + layer.update_seconds;
}

std::string cells(const LayerRecord& layer, double all) {
  const double steps = layer.steps > 0 ? static_cast<double>(layer.steps) : 1.0;
  const auto ms = [&](std::string_view key, double seconds) {
    return fmt::format("<td data-key=\"{}\">{}</td>", key, fixed(1e3 * seconds / steps, 3));
  };
  const double part = all > 0.0 ? 100 * whole(layer) / all : 0.0;
  return ms("forward_seconds", layer.forward_seconds) +
         ms("backward_seconds", layer.backward_seconds) +
         ms("update_seconds", layer.update_seconds) + ms("all", whole(layer)) +
         fmt::format("<td>{}</td><td class=\"share\"><span style=\"width:{:.2f}%\"></span></td>",
                     percent(part), part);
}

}  // namespace

std::string layer_section(const AccountRecord& account) {
  if (account.layers.empty()) return {};
  double all = 0.0;
  for (const LayerRecord& layer : account.layers) all += whole(layer);
  std::string rows;
  for (const LayerRecord& layer : account.layers) {
    rows += fmt::format("<tr><th scope=\"row\">{}</th><td class=\"text\">{}</td>{}</tr>\n",
                        escaped(layer.name), escaped(layer.kind), cells(layer, all));
  }
  return section(
      {.id = "layers", .heading = "Layers of the net", .lead = "Milliseconds a step."},
      fmt::format("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Layers\">"
                  "<table id=\"layers-table\"><thead><tr><th scope=\"col\">layer</th>"
                  "<th scope=\"col\" class=\"text\">kind</th><th scope=\"col\">forward</th>"
                  "<th scope=\"col\">backward</th><th scope=\"col\">update</th>"
                  "<th scope=\"col\">all</th><th scope=\"col\" colspan=\"2\">of the "
                  "step</th></tr></thead>\n"
                  "<tbody>\n{}</tbody></table></div>\n",
                  rows));
}

}  // namespace sluice::io::report
