// What the nodes that warp have in common.
#pragma once

#include "augment/range.h"
#include "augment/warp.h"
#include "nodes/chain_parameters.h"

namespace sluice::nodes {

inline augment::Canvas canvas_from(const ChainParameters& given) {
  augment::Canvas canvas;
  if (given.word("sampling", {"bilinear", "nearest"}) == "nearest")
    canvas.sampling = augment::Sampling::nearest;
  canvas.fill.fill(static_cast<float>(given.real("fill")));
  return canvas;
}

// `low` and `high`: names of the two parameters that are a range's ends.
inline augment::Range range_from(const ChainParameters& given, const char* low, const char* high) {
  return {given.real(low), given.real(high)};
}

}  // namespace sluice::nodes
