// Groups of nodes of which an image passes some: one-of, some-of, RandAugment, TrivialAugment.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "graph/stream.h"
#include "nodes/group_choice.h"

namespace sluice::nodes {

using Members = std::vector<std::shared_ptr<const graph::AugmentStage>>;

struct Group {
  std::string name;
  graph::NodeInfo info;  // of the group's node; its kind is made of the members'
  GroupChoice choice;
  double probability = 1.0;  // of using the group at all, as sometimes.h
  std::uint32_t shares = 1;  // neighbours in the epoch's order that share all draws
};

// A group of at most n members becomes n stages, one a place: "NAME", or "NAME/1" ... "NAME/n".
// Each passes an image through the member that is chosen for its place, or leaves it as it is.
//
// Random streams: which members is drawn from "augment/NAME/choice", the same in every stage; a
// member draws from "augment/MEMBER", whoever else is in the group, and where members may repeat
// from "augment/MEMBER/2" in the second place, and so on. (The key's epoch and sample, or position
// / shares, are those of the group.)
//
// Parts, keeps_pixels and scratch are the chosen member's; moves_pixels and only_shifts hold where
// they hold for all; the group can be left to a device where all members can, none subtracts an
// image. Throws Error{usage} where some members make floats of bytes and others do not, where there
// is none, or more than can be chosen.
graph::Chain group_stages(Group group, Members members);

}  // namespace sluice::nodes
