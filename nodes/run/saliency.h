// Which pixels a class's score depends on (Simonyan, Vedaldi, Zisserman 2013, section 3).
#pragma once

#include <span>
#include <vector>

#include "runtime/backend/backend.h"

namespace sluice::nodes {

// Runs a row of a program for row gradients (batch 1) forward: its scores and kept outputs are then
// that row's. Inside the arena.
void look_at(Program& program, std::span<const float> row, int of_class);

// Then backward: for each pixel, row by row, the largest absolute value over the channels of the
// slope of the class's score, the class as given to `look_at`.
std::vector<float> saliency_of(Program& program, std::span<const float> row, int of_class);

// Of gradients of one row, (channels, height, width). Pure.
std::vector<float> largest_slopes(std::span<const float> gradients, std::size_t channels);

}  // namespace sluice::nodes
