// The lines at the end of a terminal that a program keeps drawing anew.
#pragma once

#include <string>
#include <vector>

#include "apps/common/panel.h"

namespace sluice::apps {

// Whether people see what is written there and it can be drawn over: a terminal that is not dumb.
bool can_draw(int descriptor);

// What the environment says: NO_COLOR, and whether its character set is UTF-8.
PanelStyle style_of_environment();

// Draws on stderr, one write a picture. The cursor is never hidden and waits at the beginning of
// the last line, so that the terminal is in order however the process ends. One thread at a time.
class TerminalArea {
 public:
  // As the kernel says now; 80 x 24 where it does not.
  static PanelSize size();

  void draw(const std::vector<std::string>& lines);
  // Takes the lines away; the next ones begin where they began.
  void erase();
  // A line that stays, above the area.
  void print_above(const std::string& line);

 private:
  std::string to_top() const;

  std::vector<std::string> lines_;
  int columns_ = 0;  // of the terminal when they were drawn
};

}  // namespace sluice::apps
