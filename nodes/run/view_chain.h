// What stands between the decoder and the views of a protocol: a net's chain for testing, up to the
// image from which views are taken.
#pragma once

#include <vector>

#include "io/recipe.h"
#include "nodes/run/protocol.h"
#include "runtime/statistics.h"

namespace sluice::nodes {

struct ViewRequest {
  Frame frame = Frame::rescaled;
  int side = 224;  // of the net
  int scale = 0;   // shorter side after the rescale; 0: as the chain says
  // How messages name the net: "the weights alexnet.safetensors".
  std::string owner{};
};

// `chain`, of which entries in use are left, without the last one that cuts images to a size of its
// own; where none does, all of them.
std::vector<io::ChainEntry> without_last_crop(std::vector<io::ChainEntry> chain);

// `chain` without its last crop; nodes behind that treat every pixel alike, so they give the same
// in front of it. Squashed: without any node that moves pixels, and resized to the net's side
// instead, by the rescale's filter. Throws Error{usage} where the chain cannot be taken apart so:
// no rescale for a scale, a crop larger than it, a node behind the crop that does not treat every
// pixel alike, a mean image that does not fit what is squashed.
std::vector<io::ChainEntry> view_chain(std::vector<io::ChainEntry> chain,
                                       const ViewRequest& request);

}  // namespace sluice::nodes
