#include "apps/common/terminal.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "apps/common/text_width.h"

namespace sluice::apps {
namespace {

std::string_view variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view{} : std::string_view(value);
}

bool is_utf8_locale() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const std::string_view value = variable(name);
    if (value.empty()) continue;
    return value.find("UTF-8") != std::string_view::npos ||
           value.find("utf8") != std::string_view::npos;
  }
  return false;
}

void put(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stderr); }

}  // namespace

bool can_draw(int descriptor) {
  const std::string_view kind = variable("TERM");
  return ::isatty(descriptor) != 0 && !kind.empty() && kind != "dumb";
}

PanelStyle style_of_environment() {
  return {
      .colour = variable("NO_COLOR").empty() ? PanelStyle::Colour::ansi : PanelStyle::Colour::none,
      .glyphs = is_utf8_locale() ? PanelStyle::Glyphs::unicode : PanelStyle::Glyphs::ascii};
}

PanelSize TerminalArea::size() {
  winsize window{};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &window) != 0 || window.ws_col == 0 || window.ws_row == 0)
    return {};
  return {.columns = window.ws_col, .rows = window.ws_row};
}

// From the beginning of the last line to that of the first. A terminal that has become narrower has
// folded the lines meanwhile.
std::string TerminalArea::to_top() const {
  if (lines_.empty()) return {};
  const PanelSize now = size();
  int rows = 0;
  for (std::size_t i = 0; i + 1 < lines_.size(); ++i) {
    const int width = std::max(text_width(without_escapes(lines_[i])), 1);
    rows += (width + now.columns - 1) / now.columns;
  }
  rows = std::min(rows, now.rows - 1);
  std::string text = rows > 0 ? fmt::format("\r\033[{}A", rows) : "\r";
  if (now.columns != columns_) text += "\033[J";
  return text;
}

void TerminalArea::draw(const std::vector<std::string>& lines) {
  std::string text = to_top();
  for (std::size_t i = 0; i < lines.size(); ++i) text += (i > 0 ? "\n" : "") + lines[i] + "\033[K";
  put(text + "\033[J\r");
  lines_ = lines;
  columns_ = size().columns;
}

void TerminalArea::erase() {
  if (!lines_.empty()) put(to_top() + "\033[J");
  lines_.clear();
}

void TerminalArea::print_above(const std::string& line) {
  const std::vector<std::string> lines = lines_;
  std::string text = to_top();
  if (!lines.empty()) text += "\033[J";
  lines_.clear();
  put(text + line + "\n");
  if (!lines.empty() && size().columns == columns_) draw(lines);
}

}  // namespace sluice::apps
