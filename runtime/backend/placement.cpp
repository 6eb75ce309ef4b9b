#include "runtime/backend/placement.h"

#include <algorithm>
#include <limits>
#include <numeric>

namespace sluice {
namespace {

constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();

std::size_t padded(std::size_t bytes, Spacing spacing) {
  if (bytes == 0) return 0;
  return (bytes + spacing.step - 1) / spacing.step * spacing.step + spacing.beside;
}

struct Stretch {
  std::size_t begin, end;
};

// What is taken while `array` lives, by rising begin.
std::vector<Stretch> taken_beside(std::span<const PlacedArray> arrays, std::size_t array,
                                  std::span<const std::size_t> offsets, Spacing spacing) {
  std::vector<Stretch> taken;
  for (std::size_t i = 0; i < arrays.size(); ++i) {
    if (offsets[i] == kNone || arrays[i].bytes == 0) continue;
    if (!arrays[i].lifetime.meets(arrays[array].lifetime)) continue;
    taken.push_back({offsets[i], offsets[i] + padded(arrays[i].bytes, spacing)});
  }
  std::ranges::sort(taken, {}, &Stretch::begin);
  return taken;
}

// The smallest gap of at least `bytes`, or the end of all.
std::size_t best_gap(std::span<const Stretch> taken, std::size_t bytes) {
  std::size_t best = kNone, best_size = kNone, end = 0;
  for (const Stretch& stretch : taken) {
    const std::size_t size = stretch.begin > end ? stretch.begin - end : 0;
    if (size >= bytes && size < best_size) {
      best = end;
      best_size = size;
    }
    end = std::max(end, stretch.end);
  }
  return best == kNone ? end : best;
}

Placement place_in_order(std::span<const PlacedArray> arrays, std::span<const std::size_t> order,
                         Spacing spacing) {
  Placement placement{.offsets = std::vector<std::size_t>(arrays.size(), kNone)};
  for (const std::size_t array : order) {
    const std::size_t bytes = padded(arrays[array].bytes, spacing);
    const std::size_t offset =
        bytes == 0 ? 0 : best_gap(taken_beside(arrays, array, placement.offsets, spacing), bytes);
    placement.offsets[array] = offset;
    placement.bytes = std::max(placement.bytes, offset + bytes);
  }
  return placement;
}

Placement place_side_by_side(std::span<const PlacedArray> arrays, Spacing spacing) {
  Placement placement;
  for (const PlacedArray& array : arrays) {
    placement.offsets.push_back(placement.bytes);
    placement.bytes += padded(array.bytes, spacing);
  }
  return placement;
}

}  // namespace

Placement place(std::span<const PlacedArray> arrays, Sharing sharing, Spacing spacing) {
  if (sharing == Sharing::none) return place_side_by_side(arrays, spacing);
  std::vector<std::size_t> order(arrays.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return arrays[i].lifetime.first; });
  Placement by_time = place_in_order(arrays, order, spacing);
  std::ranges::stable_sort(order, std::greater{}, [&](std::size_t i) { return arrays[i].bytes; });
  Placement by_size = place_in_order(arrays, order, spacing);
  return by_size.bytes <= by_time.bytes ? by_size : by_time;
}

std::size_t most_bytes_alive(std::span<const PlacedArray> arrays) {
  std::size_t most = 0;
  for (const PlacedArray& at : arrays) {  // the most is reached where an array begins
    const Lifetime moment{at.lifetime.first, at.lifetime.first};
    std::size_t alive = 0;
    for (const PlacedArray& array : arrays) alive += array.lifetime.meets(moment) ? array.bytes : 0;
    most = std::max(most, alive);
  }
  return most;
}

}  // namespace sluice
