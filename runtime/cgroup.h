// What the control group of this process allows (Linux, cgroup v2).
#pragma once

#include <cstddef>
#include <filesystem>
#include <limits>

namespace sluice {

// Where the kernel tells it.
struct CgroupFiles {
  std::filesystem::path self = "/proc/self/cgroup";  // "0::/system.slice/job.service"
  std::filesystem::path root = "/sys/fs/cgroup";
};

// The smallest of the limits of the group and of all groups around it. No limit: the largest
// number. Any thread.
std::size_t cgroup_memory_bytes(const CgroupFiles& files = {});
double cgroup_cpus(const CgroupFiles& files = {});  // quota / period; infinity: no limit

}  // namespace sluice
