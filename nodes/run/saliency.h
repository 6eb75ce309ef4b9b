// Which pixels a class's score depends on (Simonyan, Vedaldi, Zisserman 2013, section 3).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "runtime/backend/backend.h"

namespace sluice::nodes {

// A row and one of its classes, looked at by a program for row gradients (batch 1): the program's
// scores and kept outputs are that row's. The program and the row must outlive it. Inside the
// arena.
class Look {
 public:
  // Runs forward.
  Look(Program& program, std::span<const float> row, int of_class);

  int of_class() const { return labels_.front(); }
  // Runs backward, once: for each pixel, row by row, the largest absolute value over the channels
  // of the slope of the class's score.
  std::vector<float> slopes() const;

 private:
  void run(Phase phase) const;

  Program* program_;
  std::span<const float> row_;
  std::vector<std::int32_t> labels_;
  std::vector<float> weights_{1.0F};
};

// The slope that is shown as white: 99.5 % of the pixels are darker, or all where so many have none
// at all. 0: none has. Pure.
double white_slope(std::span<const float> slopes);

// Of gradients of one row, (channels, height, width); what is no number stays so. Pure.
std::vector<float> largest_slopes(std::span<const float> gradients, std::size_t channels);

}  // namespace sluice::nodes
