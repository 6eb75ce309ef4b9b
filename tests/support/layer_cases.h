// Small nets, one for each layer and each of its corners, with data: what the gradient check
// differentiates and on what the backends are compared with the reference.
#pragma once

#include <cstdint>
#include <ostream>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/backend/backend.h"
#include "runtime/net/net.h"

namespace sluice::test {

// The layer under test comes first (so that the gradient of its input is the net's), then what it
// needs to have a loss: a fully connected layer and a softmax-loss, or what stands under test.
// Whether each row has one label or, some of them, two (StepInput::other_labels).
enum class Labels { one, two };

struct LayerCase {
  std::string name;
  Net net;
  int batch = 3;
  // Weight of each row; empty: all 1.
  std::vector<float> row_weights{};
  Labels labels = Labels::one;
};

inline std::ostream& operator<<(std::ostream& out, const LayerCase& c) { return out << c.name; }

std::vector<LayerCase> layer_cases();
// Of layers that only backends on the CPU have yet: windows and their mean.
std::vector<LayerCase> window_cases();
LayerCase layer_case(std::string_view name);

// One batch for a case. Values lie on a shuffled grid in (-1, 1): no two are equal and none is 0,
// so that a small step crosses neither a ReLU's kink nor a change of a pooling window's winner.
struct CaseData {
  std::vector<float> rows;  // (batch, height, width, channels)
  std::vector<std::int32_t> labels;
  std::vector<float> row_weights{};
  std::vector<std::int32_t> other_labels{};
  std::vector<float> other_shares{};

  // Refers to this; step 3 of seed 5, first row 11, rate 0.01.
  StepInput input() const;
};

CaseData case_data(const LayerCase& c, std::uint64_t seed = 1);

// (batch, side, side, channels) to (batch, channels, side, side).
std::vector<float> canonical_rows(const LayerCase& c, std::span<const float> rows);

}  // namespace sluice::test
