// Puts finished images into the rows of a batch.
#pragma once

#include <optional>
#include <span>

#include "graph/node.h"

namespace sluice::nodes {

// Rows are (side, side, channels) floats. A net of one channel gets the first one of an image: of a
// grey image that is its grey, of a colour image its red. An image of another size is a bad item:
// the chain of the recipe does not end in a crop of the net's side.
struct Collate {
  static constexpr graph::NodeInfo info{.name = "collate",
                                        .kind = graph::NodeKind::collect,
                                        .cost = graph::CostClass::pixels_out,
                                        .help = "stores images as rows of a batch"};

  int side = 224;
  int channels = kChannels;  // 1 or 3

  std::size_t row_floats() const {
    return static_cast<std::size_t>(side) * static_cast<std::size_t>(side) *
           static_cast<std::size_t>(channels);
  }
  std::optional<ImageView> row_image(Extent extent, PixelType type, std::span<float> row) const;
  Result<> store(ConstImageView image, const graph::SampleId& id, std::span<float> row) const;
};
static_assert(graph::CollectNode<Collate>);

// What is wrong with an image that is not side x side.
ItemError wrong_extent(Extent image, int side);

// Takes images and keeps nothing: the end of a pipeline that is only measured.
struct Discard {
  static constexpr graph::NodeInfo info{.name = "discard",
                                        .kind = graph::NodeKind::collect,
                                        .cost = graph::CostClass::pixels_out,
                                        .help = "takes images and keeps nothing"};

  std::size_t row_floats() const { return 0; }
  Result<> store(ConstImageView, const graph::SampleId&, std::span<float>) const { return Ok{}; }
};
static_assert(graph::CollectNode<Discard>);

}  // namespace sluice::nodes
