// Rows of sharpness and blur, as the obvious loops.
#pragma once

#include <cstdint>

#include "augment/neighbours.h"

namespace sluice::augment::plain {

void sharpen(const SharpenRow<std::uint8_t>& row);
void sharpen(const SharpenRow<float>& row);

void blur(const BlurColumns<std::uint8_t>& columns);
void blur(const BlurColumns<float>& columns);
void blur(const BlurRow<std::uint8_t>& row);
void blur(const BlurRow<float>& row);

}  // namespace sluice::augment::plain
