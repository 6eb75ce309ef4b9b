#include "runtime/cgroup.h"

#include <algorithm>
#include <fstream>
#include <functional>
#include <string>

namespace sluice {
namespace {

namespace fs = std::filesystem;

// The group's path below the root; empty where there is none, as in a container that sees its own
// group as the root.
fs::path own_group(const fs::path& self) {
  std::ifstream file(self);
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("0::/")) return line.substr(4);
  }
  return {};
}

// Calls `look` with `name` of the root group and of each group down to the own one.
void for_each_group(const CgroupFiles& files, const char* name,
                    const std::function<void(std::ifstream&)>& look) {
  fs::path group = files.root;
  const auto open = [&] {
    std::ifstream file(group / name);
    if (file.is_open()) look(file);
  };
  open();
  for (const fs::path& part : own_group(files.self)) {
    if (part == "..") return;  // outside of what this process may see
    group /= part;
    open();
  }
}

}  // namespace

std::size_t cgroup_memory_bytes(const CgroupFiles& files) {
  std::size_t least = std::numeric_limits<std::size_t>::max();
  for_each_group(files, "memory.max", [&](std::ifstream& file) {
    std::size_t limit = 0;
    if (file >> limit) least = std::min(least, limit);  // "max" is no number
  });
  return least;
}

double cgroup_cpus(const CgroupFiles& files) {
  double least = std::numeric_limits<double>::infinity();
  for_each_group(files, "cpu.max", [&](std::ifstream& file) {
    double quota = 0, period = 0;
    if (file >> quota >> period && period > 0) least = std::min(least, quota / period);
  });
  return least;
}

}  // namespace sluice
