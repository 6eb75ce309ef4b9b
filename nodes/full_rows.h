// Rows of whole images, of one size in each batch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "graph/node.h"

namespace sluice::nodes {

// By number of the sample: how large its row is in this epoch, no larger than its image. Changed
// between runs only.
using RowSizes = std::vector<Extent>;

// A row is (height, width, channels) floats of the middle of an image, at the begin of room for
// `most_pixels`. An image that is smaller than its row is to be is a bad item.
struct CollateFull {
  static constexpr graph::NodeInfo info{.name = "collate",
                                        .kind = graph::NodeKind::collect,
                                        .cost = graph::CostClass::pixels_out,
                                        .help = "stores whole images as rows of a batch"};

  const RowSizes* sizes = nullptr;
  std::int64_t most_pixels = 0;  // of one row
  int least_side = 1;            // the net's; smaller images are bad items
  int channels = kChannels;      // 1 or 3

  std::size_t row_floats() const {
    return static_cast<std::size_t>(most_pixels) * static_cast<std::size_t>(channels);
  }
  Result<> store(ConstImageView image, const graph::SampleId& id, std::span<float> row) const;
};
static_assert(graph::CollectNode<CollateFull>);

// Moves the rows of a batch together, so that one begins where the one before it ends, and says how
// large they are (Batch::extent). All of a batch have the size of its first sample.
struct PackRows {
  static constexpr graph::NodeInfo info{.name = "pack",
                                        .kind = graph::NodeKind::batch,
                                        .cost = graph::CostClass::batches,
                                        .help = "moves rows of one size together"};

  CollateFull rows;

  void run(graph::Batch& batch, Completion done);
};
static_assert(graph::BatchNode<PackRows>);

}  // namespace sluice::nodes
