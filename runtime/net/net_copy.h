// Weights and velocities as they stood between two steps, to be written while training goes on.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "runtime/net/net_state.h"

namespace sluice {

// Values and velocities stay in the layouts they had: taking a copy is one pass over memory, and
// whoever reads it pays for the canonical order. One thread at a time.
class NetCopy {
 public:
  // Makes room for all of `state`, which must be ready for training.
  explicit NetCopy(const NetState& state);

  // Copies `state`, the one it was made for. Call inside the arena, between two steps.
  void take(const NetState& state);

  std::size_t parameters() const { return parts_.size(); }
  // Canonical, of the last `take`; `to` has the shape's number of elements.
  void read_values(std::size_t index, std::span<float> to) const;
  void read_velocity(std::size_t index, std::span<float> to) const;

  // Of the copies of a net whose state takes so much: values and velocities without gradients.
  static std::size_t bytes_for(const NetState& state);

 private:
  struct Part {
    std::shared_ptr<const ParameterLayout> layout;
    Tensor values;
    Tensor velocity;
  };
  std::vector<Part> parts_;
};

}  // namespace sluice
