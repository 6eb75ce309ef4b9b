#include "apps/common/interrupt.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <ctime>

namespace sluice::apps {
namespace {

constexpr int kInterrupted = 130;

sigset_t stop_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  return set;
}

}  // namespace

Interrupt::Interrupt() {
  const sigset_t set = stop_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  waiter_ = std::jthread([source = source_](const std::stop_token& end) mutable {
    const sigset_t waited = stop_signals();
    constexpr timespec kLookAgain{.tv_sec = 0, .tv_nsec = 50'000'000};
    while (!end.stop_requested()) {
      if (sigtimedwait(&waited, nullptr, &kLookAgain) < 0) continue;
      if (source.stop_requested()) std::_Exit(kInterrupted);
      source.request_stop();
    }
  });
}

Interrupt::~Interrupt() = default;

}  // namespace sluice::apps
