// A node that is used on some images only, and one whose draws neighbours share: the parameters
// `probability` and `group` of every node that has none of its own.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "graph/stage.h"

namespace sluice::nodes {

struct Sometimes {
  double probability = 1.0;   // of using the node, 0 to 1
  std::uint32_t group = 1;    // neighbours in the epoch's order that share all draws; 1: the node's
  std::string stream_name{};  // NAME below; empty: the node's own
};

// Owns `node`. Whether it is used is one draw of a random stream of its own, "augment/NAME/use"
// (key: seed, epoch, sample or position / group, that name; draw 0; used where uniform() <
// probability), made before the node's draws, which stay what they are without it and are made for
// images that pass, too. With a probability of 1 nothing is drawn.
//
// An image that passes keeps its bytes; where the node makes floats of bytes it becomes floats of
// the same values. The node's features stay: parts (one that passes needs just what it gives),
// keeps_pixels, moves_pixels, only_shifts, and what can be left to a device; but one that subtracts
// an image is not left there (a row's transform cannot say that it does not). `refuses` is the
// node's, also for images that would have passed.
std::unique_ptr<graph::AugmentStage> used_sometimes(std::unique_ptr<graph::AugmentStage> node,
                                                    const Sometimes& when);

}  // namespace sluice::nodes
