#include "runtime/process_usage.h"

#include <sys/resource.h>

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <string>

namespace sluice {
namespace {

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

void read_io_counts(ProcessUsage& usage) {
  std::ifstream counts("/proc/self/io");
  std::string name;
  for (std::int64_t value = 0; counts >> name >> value;) {
    if (name == "rchar:") usage.bytes_read = value;
    if (name == "read_bytes:") usage.bytes_read_from_disk = value;
  }
}

// A thread's: nanoseconds on a core, nanoseconds ready to be on one, time slices.
double run_delay_seconds() {
  std::int64_t sum = 0;
  std::error_code gone;
  std::filesystem::directory_iterator thread("/proc/self/task", gone);
  for (; thread != std::filesystem::directory_iterator(); thread.increment(gone)) {
    std::ifstream counts(thread->path() / "schedstat");
    std::int64_t on_core = 0;
    std::int64_t ready = 0;
    if (counts >> on_core >> ready) sum += ready;
  }
  return static_cast<double>(sum) * 1e-9;
}

}  // namespace

ProcessUsage process_usage() {
  rusage counts{};
  getrusage(RUSAGE_SELF, &counts);
  ProcessUsage usage{.cpu_user_seconds = seconds(counts.ru_utime),
                     .cpu_system_seconds = seconds(counts.ru_stime),
                     .minor_faults = counts.ru_minflt,
                     .major_faults = counts.ru_majflt,
                     .voluntary_switches = counts.ru_nvcsw,
                     .involuntary_switches = counts.ru_nivcsw,
                     .resident_bytes_max = std::int64_t{counts.ru_maxrss} * 1024,
                     .run_delay_seconds = run_delay_seconds()};
  read_io_counts(usage);
  return usage;
}

std::int64_t process_cpu_ns() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

ProcessUsage operator-(const ProcessUsage& later, const ProcessUsage& earlier) {
  return {.cpu_user_seconds = later.cpu_user_seconds - earlier.cpu_user_seconds,
          .cpu_system_seconds = later.cpu_system_seconds - earlier.cpu_system_seconds,
          .minor_faults = later.minor_faults - earlier.minor_faults,
          .major_faults = later.major_faults - earlier.major_faults,
          .voluntary_switches = later.voluntary_switches - earlier.voluntary_switches,
          .involuntary_switches = later.involuntary_switches - earlier.involuntary_switches,
          .bytes_read = later.bytes_read - earlier.bytes_read,
          .bytes_read_from_disk = later.bytes_read_from_disk - earlier.bytes_read_from_disk,
          .resident_bytes_max = later.resident_bytes_max,
          .run_delay_seconds = std::max(later.run_delay_seconds - earlier.run_delay_seconds, 0.0)};
}

ProcessUsage operator+(const ProcessUsage& a, const ProcessUsage& b) {
  return {.cpu_user_seconds = a.cpu_user_seconds + b.cpu_user_seconds,
          .cpu_system_seconds = a.cpu_system_seconds + b.cpu_system_seconds,
          .minor_faults = a.minor_faults + b.minor_faults,
          .major_faults = a.major_faults + b.major_faults,
          .voluntary_switches = a.voluntary_switches + b.voluntary_switches,
          .involuntary_switches = a.involuntary_switches + b.involuntary_switches,
          .bytes_read = a.bytes_read + b.bytes_read,
          .bytes_read_from_disk = a.bytes_read_from_disk + b.bytes_read_from_disk,
          .resident_bytes_max = std::max(a.resident_bytes_max, b.resident_bytes_max),
          .run_delay_seconds = a.run_delay_seconds + b.run_delay_seconds};
}

}  // namespace sluice
