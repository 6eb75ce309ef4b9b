// The clocks of the account.
#pragma once

#include <cstdint>
#include <ctime>

namespace sluice::graph {

inline std::int64_t nanoseconds(const timespec& time) {
  return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

// Nanoseconds of CPU the calling thread has used.
inline std::int64_t thread_cpu_ns() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return nanoseconds(time);
}

// Nanoseconds of wall time that have passed since some moment.
inline std::int64_t wall_ns() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return nanoseconds(time);
}

}  // namespace sluice::graph
