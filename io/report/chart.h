// Private to io/report: curves and stacked areas over an axis, as inline SVG that takes the width
// it is given: shapes are stretched, text is not.
#pragma once

#include <string>
#include <vector>

namespace sluice::io::report {

enum class Unit { plain, whole, bytes, percent, seconds };

// How a series is drawn.
enum class Draw {
  line,
  faint,    // a thin line behind the others
  dots,     // a line with a mark at each point
  band,     // between `low` and `y`, pale
  stacked,  // an area on top of the stacked ones before it
};

struct Series {
  std::string name;  // in the legend and the hover text; empty: in neither
  std::string note;  // behind the name in the hover text
  int colour = 0;    // of the page's series colours
  Draw draw = Draw::line;
  std::vector<double> y;      // one for each x; NaN: a gap
  std::vector<double> low{};  // of a band
};

enum class Scale { linear, logarithmic };

struct Chart {
  std::string label;  // what it shows, for those who cannot see it
  std::vector<double> x;
  std::vector<Series> series;
  Unit x_unit = Unit::seconds;
  Unit y_unit = Unit::plain;
  Scale scale = Scale::linear;
  double at_least = 0.0;  // the y axis reaches at least this far
  bool from_zero = true;
  int height = 200;  // pixels
};

// The SVG and its legend; empty without two points.
std::string chart(const Chart& chart);

// A small area of `y` from 0 to `top`, without axes. `label` says what it is.
struct Spark {
  std::string label;
  std::vector<double> x;
  std::vector<double> y;
  double top = 1.0;
  int colour = 0;
};
std::string spark(const Spark& spark);

// A value with its unit, as axes and hover texts have it.
std::string with_unit(double value, Unit unit);

// The colour of what belongs to none of the things that have one.
inline constexpr int kNobody = -1;

// The class of a series colour: "s3".
std::string colour_class(int colour);

// At most `most` of `count` places, the first and the last among them, evenly spread.
std::vector<std::size_t> spread(std::size_t count, std::size_t most);

}  // namespace sluice::io::report
