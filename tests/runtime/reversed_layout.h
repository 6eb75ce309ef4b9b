// A layout that no kernel needs: back to front, with three zeros behind.
#pragma once

#include <algorithm>

#include "runtime/net/net_state.h"

namespace sluice::test {

class ReversedLayout final : public ParameterLayout {
 public:
  explicit ReversedLayout(std::size_t values) : values_(values) {}

  std::size_t floats() const override { return values_ + 3; }
  void from_canonical(std::span<const float> canonical, std::span<float> stored) const override {
    std::ranges::fill(stored, 0.0F);
    std::ranges::reverse_copy(canonical, stored.begin());
  }
  void to_canonical(std::span<const float> stored, std::span<float> canonical) const override {
    std::ranges::reverse_copy(stored.first(values_), canonical.begin());
  }

 private:
  std::size_t values_;
};

}  // namespace sluice::test
