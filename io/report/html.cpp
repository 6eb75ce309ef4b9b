#include "io/report/html.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "io/text.h"

namespace sluice::io::report {
namespace {

constexpr std::string_view kNarrowSpace = "\u202f";

std::string references(std::string_view text) {
  std::string html;
  html.reserve(text.size());
  for (const char c : text) {
    if (c == '<') {
      html += "&lt;";
    } else if (c == '>') {
      html += "&gt;";
    } else if (c == '&') {
      html += "&amp;";
    } else if (c == '"') {
      html += "&quot;";
    } else if (c == '\'') {
      html += "&#39;";
    } else {
      html += c;
    }
  }
  return html;
}

std::string as_utf8(std::string_view bytes) {
  return is_utf8(bytes) ? std::string(bytes) : percent_encoded(bytes);
}

std::string scaled(double value, std::string_view unit) {
  return fmt::format("{} {}", short_figure(value), unit);
}

}  // namespace

std::string escaped(std::string_view text) { return references(without_controls(as_utf8(text))); }

std::string escaped_lines(std::string_view text) {
  std::string html;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of("\n\t"), text.size());
    html += escaped(text.substr(0, end));
    if (end < text.size()) html += text[end];
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return html;
}

std::string json_in_script(std::string_view json) {
  std::string text;
  text.reserve(json.size());
  for (const char c : json) {
    if (c == '<') {
      text += "\\u003c";
    } else {
      text += c;
    }
  }
  return text;
}

std::string grouped(std::int64_t value) {
  const std::string digits = fmt::format("{}", value);
  std::string text;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    const std::size_t left = digits.size() - i;
    if (i > 0 && digits[i - 1] != '-' && left % 3 == 0) text += kNarrowSpace;
    text += digits[i];
  }
  return text;
}

std::string figure(double value) {
  if (!std::isfinite(value)) return "-";
  const double size = std::abs(value);
  if (size >= 99.95)
    return size < 1e15 ? grouped(std::llround(value)) : fmt::format("{:.3g}", value);
  if (size >= 9.995) return fmt::format("{:.1f}", value);
  if (size >= 0.9995) return fmt::format("{:.2f}", value);
  return fmt::format("{:.3g}", value);
}

std::string short_figure(double value) {
  std::string text = figure(value);
  if (text.find_first_of(".e") == std::string::npos || text.find('e') != std::string::npos)
    return text;
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

std::string percent(double value) {
  if (!std::isfinite(value)) return "-";
  return std::abs(value) >= 9.95 || value == 0.0 ? fmt::format("{} %", grouped(std::llround(value)))
                                                 : fmt::format("{:.1f} %", value);
}

std::string duration(double seconds) {
  if (!std::isfinite(seconds)) return "-";
  if (seconds == 0.0) return "0 s";
  if (seconds < 1.0) return scaled(seconds * 1e3, "ms");
  if (seconds < 99.95) return scaled(seconds, "s");
  const std::int64_t whole = std::llround(seconds);
  if (whole < 3600) return fmt::format("{} min {} s", whole / 60, whole % 60);
  return fmt::format("{} h {} min", grouped(whole / 3600), whole % 3600 / 60);
}

std::string byte_count(double bytes) {
  constexpr std::array<std::pair<double, std::string_view>, 4> kUnits{
      {{1e12, "TB"}, {1e9, "GB"}, {1e6, "MB"}, {1e3, "kB"}}};
  for (const auto& [size, unit] : kUnits)
    if (std::abs(bytes) >= size) return scaled(bytes / size, unit);
  return fmt::format("{:.0f} B", bytes);
}

std::string fixed(double value, int digits) {
  return std::isfinite(value) ? fmt::format("{:.{}f}", value, digits) : "-";
}

std::string section(const Section& about, std::string_view body) {
  if (body.empty()) return {};
  std::string html = fmt::format(
      "<section id=\"{0}\" aria-labelledby=\"{0}-heading\">\n"
      "<h2 id=\"{0}-heading\">{1}</h2>\n",
      about.id, escaped(about.heading));
  if (!about.lead.empty()) html += fmt::format("<p class=\"lead\">{}</p>\n", escaped(about.lead));
  return html + fmt::format("{}</section>\n", body);
}

}  // namespace sluice::io::report
