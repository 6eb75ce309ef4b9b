// Pictures of the `shapes` data set: a large silhouette on textured noise, filled with a pattern.
//
// The pattern is the class. Silhouette, colours (which of the two is the lighter one too), phase,
// place and format are random, so that no single pixel and no mean colour tells anything: a linear
// classifier on small thumbnails fails, a small convolutional net does not. No pattern turns into
// another when mirrored left-right. Periods are given for a shorter side of 256 pixels, where the
// nets look: there the finest has 13 pixels, three or more of AlexNet's first strides.
#pragma once

#include <span>
#include <string_view>

#include "runtime/image.h"
#include "runtime/random.h"

namespace sluice::nodes {

struct ShapePattern {
  enum class Motif { stripes, checks, dots, rings };

  std::string_view name;  // the class's folder
  Motif motif = Motif::stripes;
  double period = 0.0;  // pixels at shorter side 256
  double angle = 0.0;   // of the stripes, degrees from horizontal
};

// The ten classes, by the bytes of their names.
std::span<const ShapePattern> shape_patterns();

// Draws and paints one picture: u8, shorter side 112 to 152 pixels, 1:1 to 16:9, either
// orientation. A pure function of its arguments.
Image paint_shape(const ShapePattern& pattern, Random random);

}  // namespace sluice::nodes
