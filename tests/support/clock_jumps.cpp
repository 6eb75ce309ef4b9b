// To be preloaded into a program: clocks that jump. The time of day goes back and forth by years,
// with every look at it; the steady clock goes forward by an hour with every 50th. CPU clocks stay.
#include <dlfcn.h>
#include <sys/time.h>

#include <atomic>
#include <cstdint>
#include <ctime>

namespace {

std::atomic<std::int64_t> looks_at_day = 0;
std::atomic<std::int64_t> looks_at_steady = 0;

// Seconds to add: up to 20 years in either direction.
std::int64_t day_jump() {
  constexpr std::int64_t kYear = 365LL * 24 * 3600;
  const std::int64_t look = looks_at_day++;
  return (look * 7919 % 41 - 20) * kYear + look * 104729 % 86400;
}

std::int64_t steady_jump() { return looks_at_steady++ / 50 * 3600; }

int next_gettime(clockid_t clock, timespec* time) {
  using GetTime = int(clockid_t, timespec*);
  static auto* const next = reinterpret_cast<GetTime*>(dlsym(RTLD_NEXT, "clock_gettime"));
  return next(clock, time);
}

}  // namespace

extern "C" {

int clock_gettime(clockid_t clock, timespec* time) noexcept {
  const int status = next_gettime(clock, time);
  if (status != 0) return status;
  if (clock == CLOCK_REALTIME) time->tv_sec += day_jump();
  if (clock == CLOCK_MONOTONIC) time->tv_sec += steady_jump();
  return 0;
}

time_t time(time_t* result) noexcept {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  if (result != nullptr) *result = now.tv_sec;
  return now.tv_sec;
}

int gettimeofday(timeval* result, void*) noexcept {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  result->tv_sec = now.tv_sec;
  result->tv_usec = now.tv_nsec / 1000;
  return 0;
}

}  // extern "C"
