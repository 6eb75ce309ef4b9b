// Ctrl-C, SIGTERM and SIGHUP (a terminal that went away) as a stop request.
#pragma once

#include <stop_token>
#include <thread>

namespace sluice::apps {

// Make it first in main: it blocks these signals in this thread, and so in all that are made later,
// and waits for them in a thread of its own. The first signal asks for a stop; a second one ends
// the process at once with status 130.
class Interrupt {
 public:
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  std::stop_token token() const { return source_.get_token(); }

 private:
  std::stop_source source_;
  std::jthread waiter_;
};

}  // namespace sluice::apps
