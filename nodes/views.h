// Several rows of an image: squares of it, each as it is or mirrored; or the whole of it.
#pragma once

#include <span>
#include <vector>

#include "augment/flip.h"
#include "graph/node.h"

namespace sluice::nodes {

// One of a grid of `grid` x `grid` squares that are spread evenly over an image (augment/grid_crop:
// the outer ones at its edges, places rounded down, a grid of 1 is the middle).
struct View {
  int grid = 1;
  int cell = 0;  // row by row from 0
  augment::Mirror mirror = augment::Mirror::no;

  friend bool operator==(const View&, const View&) = default;
};

// Where a view's square of `side` pixels stands in an image that it fits into.
Box view_box(const View& view, int side, Extent image);

// Rows are (side, side, channels) floats, row = sample x views + view. A net of one channel gets
// the first one of an image. An image that is smaller than a view is a bad item.
struct CollateViews {
  static constexpr graph::NodeInfo info{.name = "views",
                                        .kind = graph::NodeKind::collect,
                                        .cost = graph::CostClass::pixels_out,
                                        .help = "stores squares of an image as rows of a batch"};

  int side = 224;
  int channels = kChannels;  // 1 or 3
  std::vector<View> all{{}};

  int views() const { return static_cast<int>(all.size()); }
  std::size_t row_floats() const {
    return static_cast<std::size_t>(side) * static_cast<std::size_t>(side) *
           static_cast<std::size_t>(channels);
  }
  Result<> store(ConstImageView image, const graph::SampleId& id, std::span<float> rows) const;
};
static_assert(graph::CollectNode<CollateViews>);

// A whole image of any size up to `most` values, and the same mirrored: a row is kHead floats, of
// which the first two are its width and height, then (height, width, channels) twice.
struct CollateWhole {
  static constexpr graph::NodeInfo info{.name = "whole",
                                        .kind = graph::NodeKind::collect,
                                        .cost = graph::CostClass::pixels_out,
                                        .help = "stores an image and its mirror image as a row"};
  static constexpr std::size_t kHead = 16;  // a cache line, so that pixels are aligned

  int least_side = 1;            // the net's; smaller images are bad items
  std::int64_t most_pixels = 0;  // of one image
  int channels = kChannels;

  std::size_t image_floats(Extent extent) const {
    return static_cast<std::size_t>(extent.pixels()) * static_cast<std::size_t>(channels);
  }
  std::size_t row_floats() const {
    return kHead + 2 * static_cast<std::size_t>(most_pixels) * static_cast<std::size_t>(channels);
  }
  Result<> store(ConstImageView image, const graph::SampleId& id, std::span<float> row) const;

  // Of a row that was stored: its image's size, and both images one behind the other.
  static Extent extent_of(std::span<const float> row);
  std::span<const float> images_of(std::span<const float> row) const;
};
static_assert(graph::CollectNode<CollateWhole>);

}  // namespace sluice::nodes
