// The arrays of a program and when each is in use: collected while it compiles, then placed in one
// block, in which arrays that are never in use together share memory.
//
// The times of a training step on n layers: layer i works forward at i and backward (or in
// curvature) at 2n - 1 - i. Evaluation ends at n. What stands in an array outside its lifetime is
// lost, also from step to step: what must last belongs in a block of the layer's own.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

#include "runtime/backend/backend.h"
#include "runtime/backend/placement.h"

namespace sluice::onednn {

struct Timeline {
  std::size_t layers = 0;
  Purpose purpose = Purpose::evaluation;

  std::size_t forward(std::size_t layer) const { return layer; }
  std::size_t backward(std::size_t layer) const { return 2 * layers - 1 - layer; }
  // After the last phase: until the next forward.
  std::size_t end() const { return goes_backward(purpose) ? 2 * layers : layers; }
  // From a layer's forward to its backward, or its forward alone in evaluation.
  Lifetime of(std::size_t layer) const {
    return {forward(layer), goes_backward(purpose) ? backward(layer) : forward(layer)};
  }
};

// A program's block and where its arrays stand in it. Does not own.
struct Memory {
  std::byte* data = nullptr;
  std::span<const std::size_t> offsets{};
};

// One array of a plan; empty where nothing was reserved.
struct Region {
  std::size_t array = 0;
  std::size_t bytes = 0;

  // Null where empty.
  template <class T = float>
  T* in(const Memory& memory) const {
    if (bytes == 0) return nullptr;
    return reinterpret_cast<T*>(memory.data + memory.offsets[array]);
  }
};

class MemoryPlan {
 public:
  explicit MemoryPlan(Timeline timeline) : timeline_(timeline) {}

  const Timeline& timeline() const { return timeline_; }

  // The layer that compiles from now on.
  void enter(std::size_t layer) { layer_ = layer; }
  // For that layer: from its forward to its backward; of evaluation its forward alone.
  Region reserve(std::size_t bytes) { return reserve(bytes, timeline_.of(layer_)); }
  // From its forward until the next: what callers may read after the step.
  Region reserve_until_next(std::size_t bytes) {
    return reserve(bytes, {timeline_.forward(layer_), timeline_.end()});
  }
  Region reserve(std::size_t bytes, Lifetime lifetime) {
    arrays_.push_back({.bytes = bytes, .lifetime = lifetime});
    return {.array = arrays_.size() - 1, .bytes = bytes};
  }
  // Used at `time` too.
  void use(const Region& region, std::size_t time) {
    Lifetime& lifetime = arrays_[region.array].lifetime;
    lifetime = {std::min(lifetime.first, time), std::max(lifetime.last, time)};
  }

  // Once all is reserved.
  void place_all(Sharing sharing) { placement_ = place(arrays_, sharing); }
  std::size_t bytes() const { return placement_.bytes; }
  Memory in(std::byte* block) const { return {.data = block, .offsets = placement_.offsets}; }

 private:
  Timeline timeline_;
  std::size_t layer_ = 0;
  std::vector<PlacedArray> arrays_;
  Placement placement_;
};

}  // namespace sluice::onednn
