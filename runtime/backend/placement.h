// Where arrays stand in one block, so that those whose lifetimes do not meet share memory. Pure.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace sluice {

// The times at which an array is written or read, both ends counted.
struct Lifetime {
  std::size_t first = 0;
  std::size_t last = 0;

  bool meets(Lifetime other) const { return first <= other.last && other.first <= last; }
};

struct PlacedArray {
  std::size_t bytes = 0;
  Lifetime lifetime;
};

// none: every array has memory of its own, what the shared plan is compared with.
enum class Sharing { by_lifetime, none };

// Offsets are multiples of `step`; `beside` more bytes stand behind each array.
struct Spacing {
  std::size_t step = 64;
  std::size_t beside = 64;  // streams of equal power-of-two distance fall into the same cache sets
};

struct Placement {
  std::vector<std::size_t> offsets;  // one an array
  std::size_t bytes = 0;             // of the block
};

// Greedy, each array into the smallest gap that takes it: once largest first, once in the order of
// time, and the smaller result of both. The same arrays give the same placement. Arrays of 0 bytes
// take none.
Placement place(std::span<const PlacedArray> arrays, Sharing sharing, Spacing spacing = {});

// The most bytes that live at one time: no placement is smaller.
std::size_t most_bytes_alive(std::span<const PlacedArray> arrays);

}  // namespace sluice
