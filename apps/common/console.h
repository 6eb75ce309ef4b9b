// What people see on stderr while a run goes on: a live panel on a terminal, plain lines elsewhere.
#pragma once

#include <chrono>
#include <mutex>
#include <string>

#include "apps/common/panel_feed.h"
#include "apps/common/terminal.h"
#include "nodes/run/listener.h"

namespace sluice::apps {

enum class Verbosity { normal, quiet };

// Any thread. Must outlive the listener it gives.
class Console {
 public:
  explicit Console(Verbosity verbosity);
  // Takes the panel off the terminal, so that what comes next starts a line.
  ~Console() { close(); }
  Console(const Console&) = delete;
  Console& operator=(const Console&) = delete;
  // Before the run begins.
  void expect(const RunPlan& plan) { feed_.expect(plan); }
  nodes::Listener listener();
  // The same as at its end, before results are printed; nobody may be using the listener.
  void close();

 private:
  using Clock = std::chrono::steady_clock;

  void say(const std::string& line);
  void show(const nodes::Progress& progress);
  void look(const AccountRecord& account);
  void show_line(const nodes::Progress& progress);
  void draw();
  double seconds() const { return std::chrono::duration<double>(Clock::now() - begun_).count(); }

  const Verbosity verbosity_;
  const bool terminal_;
  const PanelStyle style_ = style_of_environment();
  const Clock::time_point begun_ = Clock::now();
  std::mutex mutex_;
  PanelFeed feed_;
  TerminalArea area_;
  Clock::time_point last_shown_{};
};

}  // namespace sluice::apps
