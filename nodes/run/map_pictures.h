// What a net makes of one image, as pictures. Pure; any thread.
#pragma once

#include <span>

#include "nodes/run/occlusion.h"
#include "nodes/run/picture_colours.h"
#include "runtime/image.h"
#include "runtime/tensor.h"

namespace sluice::nodes {

// u8, and which values are black and white in it.
struct ScaledPicture {
  Image image;
  GreyScale scale;
};

// Pictures of small rows are enlarged to about this many pixels.
inline constexpr int kPictureSide = 224;

// The pixels that the net saw, the least value black and the largest white.
ScaledPicture row_picture(std::span<const float> row, RowShape shape);

// All maps of one layer's output for one image, (1, maps, height, width) or (1, units), on one
// scale (`grey_scale`); units stand in rows, as near to a square as they fill.
struct ActivationPicture {
  ScaledPicture picture;
  int maps = 0;  // or units
  Extent map;    // of units 1 x 1
};
ActivationPicture activation_picture(const Shape& shape, std::span<const float> values);

// A value a pixel of the row, 0 black and `white` white; and as heat over the image in grey.
Image map_picture(std::span<const float> values, int side, double white);
Image heat_over(std::span<const float> values, double white, std::span<const float> row,
                RowShape shape);

// Falls of a probability (mean_falls): red where covering costs, blue where it helps, `most` the
// fullest of both; and over the image in grey.
Image fall_picture(std::span<const float> falls, int side, double most);
Image falls_over(std::span<const float> falls, double most, std::span<const float> row,
                 RowShape shape);

}  // namespace sluice::nodes
