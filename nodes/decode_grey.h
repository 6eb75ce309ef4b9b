// Makes images of plain grey pixels.
#pragma once

#include "graph/node.h"

namespace sluice::nodes {

// DecodeJpeg's twin for records: a byte a pixel, rows from the top, all images of one size. Red,
// green and blue of a pixel are its grey.
struct DecodeGrey {
  static constexpr graph::NodeInfo info{.name = "decode",
                                        .kind = graph::NodeKind::decode,
                                        .cost = graph::CostClass::bytes,
                                        .help = "makes an image of a record's grey pixels"};

  Extent extent;

  Result<graph::DecodeNeeds> inspect(std::span<const std::byte> bytes) const;
  Result<> decode(std::span<const std::byte> bytes, ImageView to) const;
};
static_assert(graph::DecodeNode<DecodeGrey>);

}  // namespace sluice::nodes
