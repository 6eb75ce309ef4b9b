#include "tests/endurance/memory_slope.h"

#include <fmt/core.h>
#include <malloc.h>
#include <unistd.h>

#include <fstream>

namespace sluice::test {

std::size_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::size_t all = 0;
  std::size_t resident = 0;
  file >> all >> resident;
  return resident * static_cast<std::size_t>(sysconf(_SC_PAGE_SIZE));
}

std::size_t heap_bytes() {
  const auto info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

void MemorySlope::sample(double done) {
  samples_.push_back({.done = done,
                      .resident = static_cast<double>(resident_bytes()),
                      .heap = static_cast<double>(heap_bytes())});
}

double MemorySlope::slope(double Sample::*bytes) const {
  const std::size_t first = samples_.size() / 3;
  const auto count = static_cast<double>(samples_.size() - first);
  double mean_done = 0.0;
  double mean_bytes = 0.0;
  for (std::size_t i = first; i < samples_.size(); ++i) {
    mean_done += samples_[i].done / count;
    mean_bytes += samples_[i].*bytes / count;
  }
  double above = 0.0;
  double below = 0.0;
  for (std::size_t i = first; i < samples_.size(); ++i) {
    const double away = samples_[i].done - mean_done;
    above += away * (samples_[i].*bytes - mean_bytes);
    below += away * away;
  }
  return below == 0.0 ? 0.0 : above / below * 1000.0;
}

std::string MemorySlope::text(const std::string& items) const {
  if (samples_.empty()) return "no samples";
  const Sample& last = samples_.back();
  return fmt::format(
      "resident memory {:.1f} MB, slope {:.0f} bytes per 1000 {}; heap {:.2f} MB, slope {:.0f} "
      "bytes per 1000 {} ({} samples)",
      last.resident * 1e-6, resident(), items, last.heap * 1e-6, heap(), items, samples_.size());
}

}  // namespace sluice::test
