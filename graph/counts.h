// One node's row of the account while it runs.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "runtime/account.h"

namespace sluice::graph {

// Any thread may add; `record` between runs. A cache line of its own: nodes count side by side.
struct alignas(64) NodeCounts {
  std::string name;
  std::string place;
  std::string unit;
  std::atomic<std::int64_t> in = 0;
  std::atomic<std::int64_t> out = 0;
  std::atomic<std::int64_t> failed = 0;
  std::atomic<std::int64_t> held = 0;
  std::atomic<std::int64_t> busy_ns = 0;
  std::atomic<std::int64_t> cpu_ns = 0;

  NodeCounts(std::string node, std::string where, std::string what)
      : name(std::move(node)), place(std::move(where)), unit(std::move(what)) {}

  NodeRecord record() const {
    return {.name = name,
            .place = place,
            .unit = unit,
            .items_in = in,
            .items_out = out,
            .items_failed = failed,
            .items_held = held,
            .busy_seconds = static_cast<double>(busy_ns) * 1e-9,
            .cpu_seconds = static_cast<double>(cpu_ns) * 1e-9};
  }
};

}  // namespace sluice::graph
