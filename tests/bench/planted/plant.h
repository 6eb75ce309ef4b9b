// What is done to a node of a pipeline so that it limits it: so much more time for its items.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

namespace sluice::bench {

// NODE:+5% or NODE:2.5ms, and then, in any order, `busy` (the default) or `waiting`, and `one-in-N`
// (default: every item).
struct Plant {
  std::string node;
  double part = 0.0;     // of the item's own time in the node
  double seconds = 0.0;  // beside that
  bool waits = false;    // sleeps; else it computes
  std::uint64_t one_in = 1;
};

// Throws Error{usage} with what is valid.
Plant parse_plant(std::string_view text);

// Spends a plant's time. Any number of threads.
class Spender {
 public:
  explicit Spender(Plant plant) : plant_(std::move(plant)) {}
  const Plant& plant() const { return plant_; }

  // In the thread that just had an item for `own_seconds`.
  void spend(double own_seconds);

 private:
  const Plant plant_;
  std::atomic<std::uint64_t> items_ = 0;
};

}  // namespace sluice::bench
