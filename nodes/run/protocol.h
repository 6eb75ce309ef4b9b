// Evaluation protocols as plain data: which views of an image a net is shown, and what its answer
// to an image is made of. Pure; any thread.
//
// The answer is a mean of probabilities (softmax of scores), in double: over nets, then over the
// protocol's parts, then over scales, then over a part's views, each level with equal weights.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "nodes/views.h"

namespace sluice::nodes {

// From where views are taken.
enum class Frame {
  rescaled,  // the image in front of the last crop of the net's chain for testing
  squashed,  // the image resized to the net's side, not keeping its shape
};

// One kind of views.
struct ProtocolPart {
  Frame frame = Frame::rescaled;
  // Crops of the net's side; empty: the whole image and its mirror image, the fully connected
  // layers at each place of the last map, and their class maps averaged over the places (before
  // the softmax).
  std::vector<View> crops{};

  bool dense() const { return crops.empty(); }
};

struct Protocol {
  std::string_view name;  // as --protocol takes it
  std::vector<ProtocolPart> parts;
  std::string_view help;    // one line
  std::string_view source;  // who published it
};

// centre, squash, ten-crop, dense, multi-crop, dense+multi-crop.
std::span<const Protocol> protocols();

// Throws Error{usage} for a name that is none, with all of them.
const Protocol& find_protocol(std::string_view name);

// `protocol` with the mirror image of each of its views; of centre alone, the others have them.
// Throws Error{usage} for another.
Protocol with_flips(const Protocol& protocol);

}  // namespace sluice::nodes
