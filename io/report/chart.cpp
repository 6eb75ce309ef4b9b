#include "io/report/chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>

#include "io/report/axis.h"
#include "io/report/html.h"

namespace sluice::io::report {
namespace {

constexpr int kBelow = 22;  // pixels for the x axis' text
constexpr int kAbove = 14;  // for the topmost tick's text
constexpr double kBox = 1000.0;
constexpr int kColours = 13;  // and one for what is nobody's

// Where values come to lie in a box of kBox x kBox.
class Plot {
 public:
  Plot(Scale scale, Range x, Range y) : scale_(scale), x_(x), y_(y) {}

  double across(double x) const { return kBox * (x - x_.low) / (x_.high - x_.low); }
  double down(double y) const {
    if (scale_ == Scale::linear) return kBox * (1 - (y - y_.low) / (y_.high - y_.low));
    const double least = std::log(y_.low);
    return kBox * (1 - (std::log(std::max(y, y_.low)) - least) / (std::log(y_.high) - least));
  }
  const Range& x() const { return x_; }
  const Range& y() const { return y_; }

 private:
  Scale scale_;
  Range x_;
  Range y_;
};

void point(std::string& path, char command, double x, double y) {
  fmt::format_to(std::back_inserter(path), "{}{:.0f} {:.1f}", command, x, y);
}

std::string line_path(const Plot& plot, const std::vector<double>& x,
                      const std::vector<double>& y) {
  std::string path;
  bool drawing = false;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const bool there = std::isfinite(y[i]);
    if (there) point(path, drawing ? 'L' : 'M', plot.across(x[i]), plot.down(y[i]));
    drawing = there;
  }
  return path;
}

// Closed; gaps are passed over.
std::string area_path(const Plot& plot, const std::vector<double>& x,
                      const std::vector<double>& low, const std::vector<double>& high) {
  std::string path;
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (std::isfinite(high[i]))
      point(path, path.empty() ? 'M' : 'L', plot.across(x[i]), plot.down(high[i]));
  }
  for (std::size_t i = x.size(); i-- > 0;)
    if (std::isfinite(low[i])) point(path, 'L', plot.across(x[i]), plot.down(low[i]));
  return path.empty() ? path : path + "Z";
}

std::string shape(const Series& series, std::string_view kind, const std::string& path) {
  if (path.empty()) return {};
  std::string title;
  if (!series.name.empty()) {
    title = fmt::format("<title>{}{}{}</title>", escaped(series.name),
                        series.note.empty() ? "" : ": ", escaped(series.note));
  }
  return fmt::format("<path class=\"{} {}\" d=\"{}\">{}</path>", kind, colour_class(series.colour),
                     path, title);
}

// A mark keeps its form where the box is stretched: a line of no length with round ends.
std::string marks(const Plot& plot, const Chart& chart, const Series& series) {
  std::string html;
  for (std::size_t i = 0; i < chart.x.size(); ++i) {
    if (!std::isfinite(series.y[i])) continue;
    html += fmt::format(
        "<path class=\"mark {}\" d=\"M{:.0f} {:.1f}h0\"><title>{} {}: {}</title></path>",
        colour_class(series.colour), plot.across(chart.x[i]), plot.down(series.y[i]),
        escaped(series.name), with_unit(chart.x[i], chart.x_unit),
        with_unit(series.y[i], chart.y_unit));
  }
  return html;
}

std::string shapes(const Plot& plot, const Chart& chart) {
  std::string html;
  std::vector<double> below(chart.x.size(), 0.0);
  for (const Series& series : chart.series) {
    if (series.draw == Draw::stacked) {
      std::vector<double> above = below;
      for (std::size_t i = 0; i < above.size(); ++i)
        if (std::isfinite(series.y[i])) above[i] += series.y[i];
      html += shape(series, "area", area_path(plot, chart.x, below, above));
      below = std::move(above);
    } else if (series.draw == Draw::band) {
      html += shape(series, "band", area_path(plot, chart.x, series.low, series.y));
    } else {
      html += shape(series, series.draw == Draw::faint ? "faint" : "line",
                    line_path(plot, chart.x, series.y));
    }
    if (series.draw == Draw::dots) html += marks(plot, chart, series);
  }
  return html;
}

void widen(Range& range, double value) {
  if (!std::isfinite(value)) return;
  range.low = std::min(range.low, value);
  range.high = std::max(range.high, value);
}

Range y_range(const Chart& chart) {
  Range range{std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity()};
  std::vector<double> stack(chart.x.size(), 0.0);
  for (const Series& series : chart.series) {
    for (std::size_t i = 0; i < series.y.size(); ++i) {
      if (series.draw == Draw::stacked && std::isfinite(series.y[i])) stack[i] += series.y[i];
      widen(range, series.draw == Draw::stacked ? stack[i] : series.y[i]);
      if (series.draw == Draw::band) widen(range, series.low[i]);
    }
  }
  if (!std::isfinite(range.low)) range = {0.0, 1.0};
  if (chart.scale == Scale::logarithmic) {
    if (range.high <= range.low) range = {range.low / 2, range.high * 2};
    return range;
  }
  if (chart.from_zero) range.low = std::min(range.low, 0.0);
  range.high = std::max(range.high, chart.at_least);
  if (range.high <= range.low)
    range.high = range.low + (range.low == 0.0 ? 1.0 : std::abs(range.low));
  if (!chart.from_zero) {
    const double margin = (range.high - range.low) / 20;
    return {range.low - margin, range.high + margin};
  }
  return rounded_up(range);
}

std::vector<double> y_ticks(const Chart& chart, Range range) {
  return chart.scale == Scale::logarithmic ? log_ticks(range) : round_ticks(range, 4);
}

std::string y_axis(const Plot& plot, const Chart& chart, double pixels) {
  std::string html;
  for (const double tick : y_ticks(chart, plot.y())) {
    const double y = kAbove + pixels * plot.down(tick) / kBox;
    html +=
        fmt::format("<line class=\"grid\" x1=\"0\" x2=\"100%\" y1=\"{0:.1f}\" y2=\"{0:.1f}\"/>", y);
  }
  return html;
}

std::string y_texts(const Plot& plot, const Chart& chart, double pixels) {
  std::string html;
  for (const double tick : y_ticks(chart, plot.y())) {
    const double y = kAbove + pixels * plot.down(tick) / kBox;
    html += fmt::format("<text class=\"tick\" x=\"2\" y=\"{:.1f}\">{}</text>", y - 3,
                        with_unit(tick, chart.y_unit));
  }
  return html;
}

std::string x_axis(const Plot& plot, const Chart& chart) {
  std::vector<double> ticks =
      chart.x_unit == Unit::seconds ? time_ticks(plot.x(), 5) : round_ticks(plot.x(), 5);
  if (chart.x_unit == Unit::whole)
    std::erase_if(ticks, [](double tick) { return tick != std::floor(tick); });
  std::string html;
  for (const double tick : ticks) {
    const double part = plot.across(tick) / kBox;
    const char* anchor = part < 0.04 ? "start" : part > 0.96 ? "end" : "middle";
    html += fmt::format("<text class=\"tick\" x=\"{:.2f}%\" y=\"{}\" text-anchor=\"{}\">{}</text>",
                        100 * part, chart.height - 6, anchor, with_unit(tick, chart.x_unit));
  }
  return html;
}

std::string legend(const Chart& chart) {
  std::string items;
  for (const Series& series : chart.series) {
    if (series.name.empty()) continue;
    items += fmt::format("<li><i class=\"{}\"></i>{}</li>", colour_class(series.colour),
                         escaped(series.name));
  }
  return items.empty() ? items : fmt::format("<ul class=\"legend\">{}</ul>\n", items);
}

}  // namespace

std::string with_unit(double value, Unit unit) {
  switch (unit) {
    case Unit::bytes:
      return byte_count(value);
    case Unit::percent:
      return fmt::format("{} %", short_figure(value));
    case Unit::seconds:
      return duration(value);
    case Unit::plain:
    case Unit::whole:
      break;
  }
  return short_figure(value);
}

std::string colour_class(int colour) {
  return colour == kNobody ? "nobody" : fmt::format("s{}", colour % kColours);
}

std::vector<std::size_t> spread(std::size_t count, std::size_t most) {
  std::vector<std::size_t> places;
  if (count <= most) {
    for (std::size_t i = 0; i < count; ++i) places.push_back(i);
    return places;
  }
  for (std::size_t i = 0; i < most; ++i) places.push_back(i * (count - 1) / (most - 1));
  return places;
}

std::string chart(const Chart& chart) {
  if (chart.x.size() < 2 || !(chart.x.back() > chart.x.front())) return {};
  const Plot plot(chart.scale, {chart.x.front(), chart.x.back()}, y_range(chart));
  const double pixels = chart.height - kAbove - kBelow;
  std::string html = fmt::format(
      "<svg class=\"chart\" role=\"img\" aria-label=\"{}\" width=\"100%\" height=\"{}\">",
      escaped(chart.label), chart.height);
  html += y_axis(plot, chart, pixels);
  html += fmt::format(
      "<svg x=\"0\" y=\"{}\" width=\"100%\" height=\"{}\" viewBox=\"0 0 1000 1000\" "
      "preserveAspectRatio=\"none\">{}</svg>",
      kAbove, pixels, shapes(plot, chart));
  html += y_texts(plot, chart, pixels) + x_axis(plot, chart) + "</svg>\n";
  return html + legend(chart);
}

std::string spark(const Spark& spark) {
  if (spark.x.size() < 2 || !(spark.x.back() > spark.x.front())) return {};
  const Plot plot(Scale::linear, {spark.x.front(), spark.x.back()}, {0.0, spark.top});
  const std::vector<double> low(spark.x.size(), 0.0);
  return fmt::format(
      "<svg class=\"spark\" role=\"img\" aria-label=\"{0}\" viewBox=\"0 0 1000 1000\" "
      "preserveAspectRatio=\"none\"><title>{0}</title><path class=\"area {1}\" d=\"{2}\"/></svg>",
      escaped(spark.label), colour_class(spark.colour), area_path(plot, spark.x, low, spark.y));
}

}  // namespace sluice::io::report
