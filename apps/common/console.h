// What people see on stderr while a run goes on: a progress line on a terminal, plain lines
// elsewhere.
#pragma once

#include <chrono>
#include <mutex>
#include <string>

#include "nodes/run/listener.h"

namespace sluice::apps {

enum class Verbosity { normal, quiet };

// Any thread. Must outlive the listener it gives.
class Console {
 public:
  explicit Console(Verbosity verbosity);
  // Takes the progress line off the terminal, so that what comes next starts a line.
  ~Console() { clear_line(); }
  Console(const Console&) = delete;
  Console& operator=(const Console&) = delete;
  nodes::Listener listener();
  // The same before results are printed; nobody may be using the listener.
  void close() { clear_line(); }

 private:
  void say(const std::string& line);
  void show(const nodes::Progress& progress);
  void clear_line();

  const Verbosity verbosity_;
  const bool terminal_;
  std::mutex mutex_;
  bool line_open_ = false;
  std::chrono::steady_clock::time_point last_shown_{};
};

}  // namespace sluice::apps
