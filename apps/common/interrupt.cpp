#include "apps/common/interrupt.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <ctime>

namespace sluice::apps {
namespace {

constexpr int kInterrupted = 130;

bool ignored(int signal) {
  struct sigaction action {};
  return ::sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

// A signal that whoever started this program has it ignore (nohup, a shell's background) stays
// ignored.
sigset_t stop_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    if (!ignored(signal)) sigaddset(&set, signal);
  }
  return set;
}

}  // namespace

Interrupt::Interrupt() {
  const sigset_t set = stop_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  waiter_ = std::jthread([source = source_, set](const std::stop_token& end) mutable {
    constexpr timespec kLookAgain{.tv_sec = 0, .tv_nsec = 50'000'000};
    while (!end.stop_requested()) {
      if (sigtimedwait(&set, nullptr, &kLookAgain) < 0) continue;
      if (source.stop_requested()) std::_Exit(kInterrupted);
      source.request_stop();
    }
  });
}

Interrupt::~Interrupt() = default;

}  // namespace sluice::apps
