// The branches of an evaluation: which net is shown which views of an image at which scale.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "io/recipe.h"
#include "nodes/run/protocol.h"
#include "nodes/run/subject.h"

namespace sluice::nodes {

struct BranchPlan {
  std::size_t net = 0;  // index into the subjects
  ProtocolPart part{};
  int scale = 0;                        // shorter side after the rescale; 0: the chain's own
  double weight = 1.0;                  // of its mean in the answer; all weights add up to 1
  std::vector<io::ChainEntry> chain{};  // in front of the views
};

// Every net with every part of the protocol at every scale; parts that are squashed have one.
// Throws Error{usage} where a net's chain does not allow it (view_chain.h).
std::vector<BranchPlan> plan_branches(const Protocol& protocol, std::span<const int> scales,
                                      std::span<const Subject* const> subjects);

// The one view of a part that is the chain's own, crop and all: it needs no rows of its own.
bool is_own_view(const BranchPlan& branch);

}  // namespace sluice::nodes
