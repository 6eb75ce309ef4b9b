// A few training images, and what each node of the chain made of them.
#include <fmt/format.h>

#include "io/report/base64.h"
#include "io/report/html.h"
#include "io/report/sections.h"

namespace sluice::io::report {
namespace {

constexpr int kSmall = 64;  // pixels: digits are shown larger, pixel by pixel

std::string picture(const SampleStage& stage, const Sample& sample) {
  const std::string size = fmt::format("{} \u00d7 {}", stage.extent.width, stage.extent.height);
  const std::string alt =
      fmt::format("{} after {}, {} pixels", sample.label.empty() ? sample.path : sample.label,
                  stage.node, size);
  std::string html = fmt::format(
      "<figure><img{} alt=\"{}\" src=\"data:image/jpeg;base64,{}\">"
      "<figcaption><b>{}</b> <span>{}</span>",
      stage.shown.width < kSmall ? " class=\"small\"" : "", escaped(alt), base64(stage.jpeg),
      escaped(stage.node), escaped(size));
  if (!stage.decision.empty()) html += fmt::format("<span>{}</span>", escaped(stage.decision));
  if (stage.stretched) {
    html +=
        fmt::format("<span>shown from {} to {}</span>", figure(stage.black), figure(stage.white));
  }
  return html + "</figcaption></figure>\n";
}

// The label, and the path behind it; of images without labels the path alone.
std::string heading(const Sample& sample) {
  const std::string path = fmt::format("<bdi>{}</bdi>", escaped(sample.path));
  if (sample.label.empty()) return path;
  return fmt::format("<bdi>{}</bdi> <small>{}</small>", escaped(sample.label), path);
}

std::string row(const Sample& sample) {
  std::string html = fmt::format(
      "<div class=\"sample\"><h3>{}</h3>\n<div class=\"scroll stages\" tabindex=\"0\" "
      "role=\"region\" aria-label=\"Pictures\">\n",
      heading(sample));
  for (const SampleStage& stage : sample.stages) html += picture(stage, sample);
  return html + "</div></div>\n";
}

}  // namespace

std::string sample_section(const std::vector<Sample>& samples) {
  std::string html;
  for (const Sample& sample : samples) html += row(sample);
  return section({.id = "samples",
                  .heading = "Images on their way",
                  .lead = "The first images of the first epoch after each node, with the draws "
                          "that training made of them. Pictures of floats are stretched to the "
                          "range that stands below them."},
                 html);
}

}  // namespace sluice::io::report
