#include "apps/common/panel.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <string_view>

#include "apps/common/text_width.h"
#include "io/text.h"

namespace sluice::apps {
namespace {

constexpr double kFull = 0.9;
constexpr double kHalf = 0.5;
constexpr int kLeastBar = 6;
// Wider terminals get no wider lines: one that is made narrower folds what stands on it, and what
// that pushes off the screen cannot be taken away again.
constexpr int kMostColumns = 79;
constexpr std::size_t kLimitLines = 2;
constexpr int kLeastOfNode = 16;  // columns of a node: a name and how busy it is

std::string repeated(std::string_view text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

std::string coloured(const std::string& text, std::string_view colour, PanelStyle style) {
  if (style.colour == PanelStyle::Colour::none || text.empty()) return text;
  return fmt::format("\033[{}m{}\033[0m", colour, text);
}

std::string bar(double share, int width, std::string_view colour, PanelStyle style) {
  const bool ascii = style.glyphs == PanelStyle::Glyphs::ascii;
  const double part = std::isfinite(share) ? std::clamp(share, 0.0, 1.0) : 0.0;
  const int full = static_cast<int>(std::lround(part * width));
  return coloured(repeated(ascii ? "#" : "\u2588", full), colour, style) +
         coloured(repeated(ascii ? "." : "\u2591", width - full), "2", style);
}

// Pieces in the order of what matters, as many as fit, with two spaces between.
std::string joined(const std::vector<std::string>& pieces, int columns) {
  std::string line;
  for (const std::string& piece : pieces) {
    if (piece.empty()) continue;
    const std::string longer = line.empty() ? piece : line + "  " + piece;
    if (text_width(longer) > columns) break;
    line = longer;
  }
  return line.empty() && !pieces.empty() ? cut_to(pieces.front(), columns) : line;
}

// Words on at most two lines.
std::vector<std::string> folded(const std::string& text, int columns) {
  std::vector<std::string> lines;
  std::string rest = text;
  while (!rest.empty() && lines.size() + 1 < kLimitLines && text_width(rest) > columns) {
    const std::string head = cut_to(rest, columns);
    const std::size_t space = head.rfind(' ');
    if (space == std::string::npos || space == 0) break;
    lines.push_back(rest.substr(0, space));
    rest = rest.substr(space + 1);
  }
  if (!rest.empty()) lines.push_back(cut_to(rest, columns));
  return lines;
}

std::string left_text(const Panel& panel) {
  std::string text;
  if (panel.seconds_left) text = duration_text(*panel.seconds_left) + " left";
  if (panel.run_seconds_left)
    text += fmt::format("{}{} for all", text.empty() ? "" : ", ",
                        duration_text(*panel.run_seconds_left));
  return text;
}

std::string head_line(const Panel& panel, int columns) {
  std::string epoch;
  if (panel.epoch > 0)
    epoch = panel.epochs > 0 ? fmt::format(" epoch {} of {}", panel.epoch, panel.epochs)
                             : fmt::format(" epoch {}", panel.epoch);
  const std::string images = panel.images_all > 0
                                 ? fmt::format("{}/{} images", panel.images, panel.images_all)
                                 : fmt::format("{} images", panel.images);
  return joined({io::without_controls(panel.phase) + epoch, images, left_text(panel)}, columns);
}

std::string figures_line(const Panel& panel, int columns) {
  std::vector<std::string> pieces;
  if (panel.loss) pieces.push_back(fmt::format("loss {:.4f}", *panel.loss));
  pieces.push_back(fmt::format("{:.1f} images/s", panel.images_per_second));
  if (panel.learning_rate)
    pieces.push_back(fmt::format("learning rate {:g}", *panel.learning_rate));
  return joined(pieces, columns);
}

std::string progress_line(const Panel& panel, int columns, PanelStyle style) {
  const double share = static_cast<double>(panel.images) / static_cast<double>(panel.images_all);
  const std::string percent = fmt::format("{:3.0f} %", 100 * std::clamp(share, 0.0, 1.0));
  const int width = columns - text_width(percent) - 1;
  if (width < kLeastBar) return cut_to(percent, columns);
  return bar(share, width, "36", style) + " " + percent;
}

// Widths of a node's columns; 0: left out.
struct Columns {
  int name = 0, rate = 0, bar = 0, queue = 0;
};

constexpr int kRate = 11, kPercent = 6, kQueue = 8;

Columns columns_for(const Panel& panel, int columns) {
  int longest = 4;
  for (const PanelNode& node : panel.nodes)
    longest = std::max(longest, text_width(io::without_controls(node.name)));
  Columns widths{.name = std::min({longest, std::max(columns / 3, 8), columns - kPercent})};
  int left = columns - widths.name - kPercent;
  if (left >= kRate) left -= widths.rate = kRate;
  if (left >= kQueue) left -= widths.queue = kQueue;
  if (left > kLeastBar) widths.bar = left - 2;
  return widths;
}

std::string_view load_colour(double load) {
  if (load >= kFull) return "31";
  return load >= kHalf ? "33" : "32";
}

std::string node_head(const Columns& widths, PanelStyle style) {
  std::string line = fitted("node", widths.name);
  if (widths.rate > 0) line += fitted("per second", widths.rate, Side::right);
  if (widths.bar > 0) line += "  " + fitted("busy", widths.bar);
  line += std::string(kPercent, ' ');
  if (widths.queue > 0) line += fitted("queued", widths.queue, Side::right);
  return coloured(line, "2", style);
}

std::string node_line(const PanelNode& node, const Columns& widths, PanelStyle style) {
  std::string line = fitted(io::without_controls(node.name), widths.name);
  if (widths.rate > 0)
    line += fitted(fmt::format("{:.1f}", node.items_per_second), widths.rate, Side::right);
  if (widths.bar > 0) line += "  " + bar(node.load, widths.bar, load_colour(node.load), style);
  line +=
      fitted(fmt::format("{:.0f} %", 100 * std::clamp(node.load, 0.0, 1.0)), kPercent, Side::right);
  if (widths.queue > 0)
    line += fitted(fmt::format("{:.1f}", node.queued), widths.queue, Side::right);
  return line;
}

// The busiest `count`, in pipeline order.
std::vector<const PanelNode*> busiest(const Panel& panel, std::size_t count) {
  std::vector<const PanelNode*> nodes;
  for (const PanelNode& node : panel.nodes) nodes.push_back(&node);
  std::ranges::stable_sort(nodes, [](const auto* a, const auto* b) { return a->load > b->load; });
  nodes.resize(std::min(count, nodes.size()));
  std::ranges::sort(nodes);
  return nodes;
}

void add_nodes(const Panel& panel, int columns, std::size_t room, PanelStyle style,
               std::vector<std::string>& lines) {
  const bool all = panel.nodes.size() < room;  // one line is their head
  if (panel.nodes.empty() || room < 3 || columns < kLeastOfNode) return;
  const std::vector<const PanelNode*> shown = busiest(panel, all ? room - 1 : room - 2);
  const Columns widths = columns_for(panel, columns);
  lines.push_back(node_head(widths, style));
  for (const PanelNode* node : shown) lines.push_back(node_line(*node, widths, style));
  if (!all)
    lines.push_back(
        cut_to(fmt::format("and {} that do less", panel.nodes.size() - shown.size()), columns));
}

}  // namespace

std::string duration_text(double seconds) {
  if (!(seconds >= 0.0) || seconds > 1e8) return "long";
  const auto whole = static_cast<std::int64_t>(std::llround(seconds));
  if (whole < 60) return fmt::format("{} s", whole);
  if (whole < 3600) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
  if (whole < 86'400) return fmt::format("{} h {:02} min", whole / 3600, whole / 60 % 60);
  return fmt::format("{} d {} h", whole / 86'400, whole / 3600 % 24);
}

std::vector<std::string> panel_lines(const Panel& panel, PanelSize size, PanelStyle style) {
  const int columns = std::min(size.columns - 1, kMostColumns);
  if (columns < 1 || size.rows < 2) return {};
  const auto most = static_cast<std::size_t>(size.rows - 1);
  std::vector<std::string> lines{head_line(panel, columns)};
  if (panel.images_all > 0) lines.push_back(progress_line(panel, columns, style));
  lines.push_back(figures_line(panel, columns));
  if (lines.size() > most) lines.resize(most);
  const std::vector<std::string> limit = folded(io::without_controls(panel.limit), columns);
  if (most > lines.size() + limit.size())
    add_nodes(panel, columns, most - lines.size() - limit.size(), style, lines);
  for (const std::string& line : limit)
    if (lines.size() < most) lines.push_back(line);
  return lines;
}

}  // namespace sluice::apps
