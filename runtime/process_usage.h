// What the kernel counts for this process.
#pragma once

#include <cstdint>

namespace sluice {

struct ProcessUsage {
  double cpu_user_seconds = 0.0;
  double cpu_system_seconds = 0.0;
  std::int64_t minor_faults = 0;  // pages mapped without a disk
  std::int64_t major_faults = 0;  // pages that a disk had to deliver
  std::int64_t voluntary_switches = 0;
  std::int64_t involuntary_switches = 0;  // the kernel gave the core to somebody else
  std::int64_t bytes_read = 0;            // by read calls, from the page cache or a disk
  std::int64_t bytes_read_from_disk = 0;
  std::int64_t resident_bytes_max = 0;
  // Thread-seconds in which threads could have run and other threads had the cores, of this process
  // or of others; 0 where the kernel does not tell. Of threads that are there at both ends.
  double run_delay_seconds = 0.0;
};

// Since the process began; any thread. Bytes read are 0 where the kernel does not tell.
ProcessUsage process_usage();

// CPU nanoseconds of all threads of the process, ended ones included.
std::int64_t process_cpu_ns();

// What was counted in between; the most resident bytes are `later`'s.
ProcessUsage operator-(const ProcessUsage& later, const ProcessUsage& earlier);
// Of two stretches of time; the most resident bytes are the larger of both.
ProcessUsage operator+(const ProcessUsage& a, const ProcessUsage& b);

}  // namespace sluice
