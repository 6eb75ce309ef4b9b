#include "runtime/account.h"

namespace sluice {

double AccountRecord::cpu_seconds_attributed() const {
  double sum = 0.0;
  for (const NodeRecord& node : nodes) sum += node.cpu_seconds;
  for (const Overhead& overhead : overheads) sum += overhead.cpu_seconds;
  return sum;
}

double AccountRecord::cpu_seconds_of(const std::string& overhead) const {
  double sum = 0.0;
  for (const Overhead& row : overheads) {
    if (row.name == overhead) sum += row.cpu_seconds;
  }
  return sum;
}

double AccountRecord::gap_percent() const {
  if (cpu_seconds_process <= 0.0) return 0.0;
  return 100.0 * (cpu_seconds_process - cpu_seconds_attributed()) / cpu_seconds_process;
}

}  // namespace sluice
