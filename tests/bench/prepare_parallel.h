// A loop over samples on all threads of an arena.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

#include "runtime/arena.h"

namespace sluice::bench {

// Which sample, and on which thread of the arena (from 0; nobody else is on that one meanwhile).
struct Turn {
  std::uint32_t sample = 0;
  std::size_t worker = 0;
};

// `work` for samples 0 to count - 1, one at a time to whichever thread is free, in near order.
void for_each_sample(Arena& arena, std::uint32_t count, const std::function<void(Turn)>& work);

}  // namespace sluice::bench
