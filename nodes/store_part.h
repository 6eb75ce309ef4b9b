// A part of an image as the floats of a row.
#pragma once

#include "augment/flip.h"
#include "runtime/image.h"

namespace sluice::nodes {

struct StoredPart {
  Box box;  // inside the image
  augment::Mirror mirror = augment::Mirror::no;
  int channels = kChannels;  // 1: the image's first one
};

// Writes (height, width, channels) floats to `to`; `image`: u8 or f32.
void store_part(ConstImageView image, const StoredPart& part, float* to);

}  // namespace sluice::nodes
