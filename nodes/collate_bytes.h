// Puts finished images into the rows of a batch as they are, for nets that read bytes.
#pragma once

#include <optional>
#include <span>

#include "graph/node.h"

namespace sluice::nodes {

// Collate's twin: rows are (side, side, channels) bytes, a quarter of its floats. What the chain
// would do behind the last node that needs pixels is left to the row's transform (upload.h).
struct CollateBytes {
  static constexpr graph::NodeInfo info{.name = "collate",
                                        .kind = graph::NodeKind::collect,
                                        .cost = graph::CostClass::pixels_out,
                                        .help = "stores images as rows of a batch"};

  int side = 224;
  int channels = kChannels;  // 1 or 3

  std::size_t row_bytes() const {
    return static_cast<std::size_t>(side) * static_cast<std::size_t>(side) *
           static_cast<std::size_t>(channels);
  }
  std::optional<ImageView> row_image(Extent extent, PixelType type, std::span<std::byte> row) const;
  Result<> store(ConstImageView image, const graph::SampleId& id, std::span<std::byte> row) const;
};
static_assert(graph::CollectBytesNode<CollateBytes>);

}  // namespace sluice::nodes
