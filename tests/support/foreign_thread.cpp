// To be preloaded into a program: a thread that is none of the program's burns a part of a core, so
// that a test can see it in the account's gap.
//   SLUICE_TEST_BURN=0.1           the part
//   SLUICE_TEST_BURN_REPORT=FILE   where its CPU seconds are written when the program ends
#include <pthread.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <thread>

namespace {

using Clock = std::chrono::steady_clock;

pthread_t burner;

double cpu_seconds(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

// Keeps its CPU time at `part` of the wall time that has passed.
[[noreturn]] void burn(double part) {
  const Clock::time_point start = Clock::now();
  for (;;) {
    const double wall = std::chrono::duration<double>(Clock::now() - start).count();
    if (cpu_seconds(CLOCK_THREAD_CPUTIME_ID) < part * wall) continue;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

void report() {
  const char* file = std::getenv("SLUICE_TEST_BURN_REPORT");
  clockid_t clock{};
  if (file == nullptr || pthread_getcpuclockid(burner, &clock) != 0) return;
  if (std::FILE* out = std::fopen(file, "w")) {
    std::fprintf(out, "%.6f\n", cpu_seconds(clock));
    std::fclose(out);
  }
}

[[gnu::constructor]] void start() {
  const char* part = std::getenv("SLUICE_TEST_BURN");
  if (part == nullptr) return;
  std::thread thread(burn, std::atof(part));
  burner = thread.native_handle();
  thread.detach();
  std::atexit(report);
}

}  // namespace
