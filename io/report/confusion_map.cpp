// Which classes were taken for which: a map of up to a hundred classes, and the worst pairs.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "io/report/html.h"
#include "io/report/sections.h"
#include "io/text.h"

namespace sluice::io::report {
namespace {

constexpr std::size_t kMapped = 100;  // classes of a map
constexpr std::size_t kTitled = 32;   // of one whose cells say what they are
constexpr std::size_t kNamed = 20;    // of one with names beside it
constexpr std::size_t kPairs = 20;
constexpr int kShades = 8;

struct Pair {
  std::size_t label = 0;
  std::size_t predicted = 0;
  std::int64_t images = 0;
  double share = 0.0;  // of the images of that label
};

std::vector<std::int64_t> images_of(const Confusion& confusion) {
  const std::size_t classes = confusion.classes.size();
  std::vector<std::int64_t> images(classes);
  for (std::size_t i = 0; i < confusion.counts.size(); ++i)
    images[i / classes] += confusion.counts[i];
  return images;
}

// All that are not 0, row by row.
std::vector<Pair> pairs(const Confusion& confusion) {
  const std::vector<std::int64_t> images = images_of(confusion);
  std::vector<Pair> all;
  for (std::size_t label = 0; label < confusion.classes.size(); ++label) {
    for (std::size_t predicted = 0; predicted < confusion.classes.size(); ++predicted) {
      const std::int64_t count = confusion.at(label, predicted);
      if (count == 0) continue;
      all.push_back({label, predicted, count,
                     static_cast<double>(count) / static_cast<double>(images[label])});
    }
  }
  return all;
}

std::string hover(const Confusion& confusion, const Pair& pair) {
  return fmt::format("{} taken for {}: {} images, {}", escaped(confusion.classes[pair.label]),
                     escaped(confusion.classes[pair.predicted]), grouped(pair.images),
                     percent(100 * pair.share));
}

// Right ones and wrong ones have colours of their own; the shade is the root of the share of the
// row, so that the few wrong ones of a good net can be told apart.
std::string shade(const Pair& pair) {
  const int level =
      std::clamp(static_cast<int>(std::ceil(std::sqrt(pair.share) * kShades)), 1, kShades);
  return fmt::format("{} shade{}", pair.label == pair.predicted ? "right" : "wrong", level);
}

std::string titled_cells(const Confusion& confusion) {
  std::string html;
  for (const Pair& pair : pairs(confusion)) {
    html += fmt::format(
        "<rect class=\"{}\" x=\"{}\" y=\"{}\" width=\"1\" height=\"1\"><title>{}"
        "</title></rect>",
        shade(pair), pair.predicted, pair.label, hover(confusion, pair));
  }
  return html;
}

// Of many classes a path a shade: a cell with a title each would be most of the page.
std::string plain_cells(const Confusion& confusion) {
  std::vector<std::pair<std::string, std::string>> paths;
  for (const Pair& pair : pairs(confusion)) {
    const std::string kind = shade(pair);
    auto path =
        std::find_if(paths.begin(), paths.end(), [&](const auto& p) { return p.first == kind; });
    if (path == paths.end()) {
      paths.emplace_back(kind, std::string());
      path = paths.end() - 1;
    }
    path->second += fmt::format("M{} {}h1v1h-1z", pair.predicted, pair.label);
  }
  std::string html;
  for (const auto& [kind, path] : paths)
    html += fmt::format("<path class=\"{}\" d=\"{}\"/>", kind, path);
  return html;
}

// The begin of a name, so that it stays beside the map.
std::string cut(const std::string& name) {
  constexpr std::size_t kLongest = 16;
  std::string text = is_utf8(name) ? name : percent_encoded(name);
  if (text.size() <= kLongest) return text;
  std::size_t end = kLongest - 1;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end) + "\u2026";
}

// Left of the map, where there are few; the drawing's unit is a cell.
std::string names(const Confusion& confusion) {
  std::string html;
  const double size = static_cast<double>(confusion.classes.size()) / 32;
  for (std::size_t label = 0; label < confusion.classes.size(); ++label) {
    html += fmt::format(
        "<text x=\"{:.2f}\" y=\"{}\" text-anchor=\"end\" "
        "dominant-baseline=\"central\" style=\"font-size:{:.2f}px\">{}</text>",
        -size / 2, static_cast<double>(label) + 0.5, size, escaped(cut(confusion.classes[label])));
  }
  return html;
}

std::string map(const Confusion& confusion) {
  const std::size_t classes = confusion.classes.size();
  if (classes > kMapped) return {};
  const std::string cells = classes <= kTitled ? titled_cells(confusion) : plain_cells(confusion);
  const bool named = classes <= kNamed;
  const double left = named ? 0.34 * static_cast<double>(classes) : 0.0;
  return fmt::format(
      "<svg class=\"confusion\" role=\"img\" aria-label=\"Confusion of {0} classes: labels from "
      "top to bottom, what they were taken for from left to right\" viewBox=\"{1} 0 {2} {0}\">"
      "<rect class=\"ground\" width=\"{0}\" height=\"{0}\"/>{3}{4}</svg>\n"
      "<p class=\"note\">Rows: labels in the order of classes. Columns: what the net said. The "
      "stronger the colour, the larger the part of the row.</p>\n",
      classes, -left, static_cast<double>(classes) + left, cells,
      named ? names(confusion) : std::string());
}

std::string name(const std::string& text) { return fmt::format("<bdi>{}</bdi>", escaped(text)); }

std::string worst_pairs(const Confusion& confusion) {
  std::vector<Pair> wrong = pairs(confusion);
  std::erase_if(wrong, [](const Pair& pair) { return pair.label == pair.predicted; });
  std::stable_sort(wrong.begin(), wrong.end(),
                   [](const Pair& a, const Pair& b) { return a.images > b.images; });
  if (wrong.size() > kPairs) wrong.resize(kPairs);
  if (wrong.empty()) return "<p>No image was taken for another class.</p>\n";
  std::string rows;
  for (const Pair& pair : wrong) {
    rows += fmt::format(
        "<tr><th scope=\"row\">{}</th><td class=\"text\">{}</td><td data-key=\"images\">{}</td>"
        "<td>{}</td></tr>\n",
        name(confusion.classes[pair.label]), name(confusion.classes[pair.predicted]),
        grouped(pair.images), percent(100 * pair.share));
  }
  return fmt::format(
      "<h3>Most often taken for another</h3>\n<div class=\"scroll\" tabindex=\"0\" "
      "role=\"region\" aria-label=\"Most confused pairs\"><table id=\"pairs\"><thead><tr>"
      "<th scope=\"col\">label</th><th scope=\"col\" class=\"text\">taken for</th>"
      "<th scope=\"col\">images</th><th scope=\"col\">of that label</th></tr></thead>\n<tbody>\n{}"
      "</tbody></table></div>\n",
      rows);
}

std::string class_row(const Confusion& confusion, std::size_t label, std::int64_t images) {
  return fmt::format(
      "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{}</td></tr>\n",
      name(confusion.classes[label]), grouped(images), grouped(confusion.at(label, label)),
      percent(100 * static_cast<double>(confusion.at(label, label)) / static_cast<double>(images)));
}

// All classes that have images, the worst first.
std::string by_class(const Confusion& confusion) {
  const std::vector<std::int64_t> images = images_of(confusion);
  const auto share = [&](std::size_t label) {
    return static_cast<double>(confusion.at(label, label)) / static_cast<double>(images[label]);
  };
  std::vector<std::size_t> order;
  for (std::size_t label = 0; label < images.size(); ++label)
    if (images[label] > 0) order.push_back(label);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return share(a) < share(b); });
  std::string rows;
  for (const std::size_t label : order) rows += class_row(confusion, label, images[label]);
  return fmt::format(
      "<details><summary>Every class, the worst first</summary>\n<div class=\"scroll\" "
      "tabindex=\"0\" role=\"region\" aria-label=\"Classes\"><table><thead><tr>"
      "<th scope=\"col\">class</th><th scope=\"col\">images</th><th scope=\"col\">right</th>"
      "<th scope=\"col\">top-1</th></tr></thead>\n<tbody>\n{}</tbody></table></div>\n</details>\n",
      rows);
}

}  // namespace

std::string confusion_section(const ReportPage& page) {
  const Confusion& confusion = page.confusion;
  const bool any = std::any_of(confusion.counts.begin(), confusion.counts.end(),
                               [](std::int64_t count) { return count > 0; });
  if (!any) return {};
  return section({.id = "confusion", .heading = "Confusion", .lead = page.confusion_of},
                 "<div class=\"beside\">\n<div>" + map(confusion) + "</div>\n<div>" +
                     worst_pairs(confusion) + "</div>\n</div>\n" + by_class(confusion));
}

}  // namespace sluice::io::report
