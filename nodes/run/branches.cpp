#include "nodes/run/branches.h"

#include "nodes/augment_chain.h"
#include "nodes/run/view_chain.h"
#include "runtime/error.h"

namespace sluice::nodes {
namespace {

// One for all where the part has no scales.
std::vector<int> scales_of(const ProtocolPart& part, std::span<const int> scales) {
  if (part.frame == Frame::squashed || scales.empty()) return {0};
  return {scales.begin(), scales.end()};
}

std::vector<io::ChainEntry> chain_of(const BranchPlan& branch, const Subject& subject) {
  if (is_own_view(branch)) return subject.chain();
  return view_chain(subject.chain(), {.frame = branch.part.frame,
                                      .side = subject.net.side,
                                      .scale = branch.scale,
                                      .owner = subject.name()});
}

}  // namespace

bool is_own_view(const BranchPlan& branch) {
  return branch.part.frame == Frame::rescaled && branch.scale == 0 &&
         branch.part.crops == std::vector<View>{View{}};
}

std::vector<BranchPlan> plan_branches(const Protocol& protocol, std::span<const int> scales,
                                      std::span<const Subject* const> subjects) {
  require(scales.empty() || protocol.parts.front().frame == Frame::rescaled,
          "--scales goes with protocols that rescale; '{}' has one size", protocol.name);
  std::vector<BranchPlan> branches;
  for (std::size_t net = 0; net < subjects.size(); ++net) {
    for (const ProtocolPart& part : protocol.parts) {
      const std::vector<int> of_part = scales_of(part, scales);
      for (const int scale : of_part) {
        const auto shares = subjects.size() * protocol.parts.size() * of_part.size();
        branches.push_back({.net = net,
                            .part = part,
                            .scale = scale,
                            .weight = 1.0 / static_cast<double>(shares)});
        branches.back().chain = chain_of(branches.back(), *subjects[net]);
      }
    }
  }
  return branches;
}

}  // namespace sluice::nodes
