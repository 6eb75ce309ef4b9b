// Sums over many values by kLanes neighbours. A fold is a struct with
//   using Part = ...;                          trivially copyable
//   Part part(i, lane) const;                  what lane `lane` makes of result i's values
//   static Part join(Part, Part);              join(a, b) and join(b, a) have the same bits
//   void finish(i, lane, Part whole) const;    each lane stores its share of what follows
// Lanes are joined in halves: 0 with 16, ..., 15 with 31, then 0 with 8, ..., so that host and
// device add in the same order.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace sluice::cudnn::elements {

inline constexpr int kLanes = 32;

// One result as the host makes it.
template <class Fold>
void fold_on_host(const Fold& fold, std::int64_t i) {
  std::array<typename Fold::Part, kLanes> parts;
  for (int lane = 0; lane < kLanes; ++lane) {
    parts[static_cast<std::size_t>(lane)] = fold.part(i, lane);
  }
  for (std::size_t half = kLanes / 2; half > 0; half /= 2) {
    for (std::size_t lane = 0; lane < half; ++lane) {
      parts[lane] = Fold::join(parts[lane], parts[lane + half]);
    }
  }
  for (int lane = 0; lane < kLanes; ++lane) fold.finish(i, lane, parts[0]);
}

}  // namespace sluice::cudnn::elements
