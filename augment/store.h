// The end of the chain: pixels into a row of a batch.
#pragma once

#include <span>

#include "runtime/image.h"

namespace sluice::augment {

// Writes (height, width, 3) floats, values unchanged. `row` has exactly that many elements.
void store_row(ConstImageView from, std::span<float> row);

// The same of the first channel alone: (height, width, 1) floats, for nets that look at grey
// images, whose channels are all the same.
void store_first_channel(ConstImageView from, std::span<float> row);

// The same as bytes, of a u8 image: values unchanged.
void store_row_bytes(ConstImageView from, std::span<std::byte> row);
void store_first_channel_bytes(ConstImageView from, std::span<std::byte> row);

}  // namespace sluice::augment
