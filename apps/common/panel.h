// What the live panel shows, as lines of text for a terminal of any size. Pure: terminal.h draws.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sluice::apps {

// A node over the last seconds.
struct PanelNode {
  std::string name;
  std::string unit;  // "image" or "batch"
  double items_per_second = 0.0;
  double load = 0.0;    // 0 to 1: of all threads for image nodes, of itself for others
  double queued = 0.0;  // items before it, on average
};

struct Panel {
  std::string phase;         // "train", "validate", "profile", ...
  std::uint32_t epoch = 0;   // from 1; 0: the phase has none
  std::uint32_t epochs = 0;  // 0: not known
  std::int64_t images = 0;
  std::int64_t images_all = 0;  // of the epoch or phase; 0: not known
  double images_per_second = 0.0;
  std::optional<double> loss{};
  std::optional<double> learning_rate{};
  std::optional<double> seconds_left{};      // of the epoch or phase
  std::optional<double> run_seconds_left{};  // of all epochs
  std::vector<PanelNode> nodes{};            // in pipeline order
  std::string limit{};                       // what limits so far; may be empty
};

struct PanelSize {
  int columns = 80;
  int rows = 24;
};

struct PanelStyle {
  enum class Colour { none, ansi };
  enum class Glyphs { ascii, unicode };
  Colour colour = Colour::none;
  Glyphs glyphs = Glyphs::ascii;
};

// Fewer lines than the terminal has rows, each narrower than it (escape sequences not counted), so
// that nothing wraps or scrolls. What does not fit is left out from the end: first the idlest
// nodes, then all of them, and of a line what matters least.
std::vector<std::string> panel_lines(const Panel& panel, PanelSize size, PanelStyle style);

// "12 s", "3 min 20 s", "5 h 07 min", "3 d 4 h"
std::string duration_text(double seconds);

}  // namespace sluice::apps
