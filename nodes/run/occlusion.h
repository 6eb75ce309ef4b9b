// What becomes of a class's probability when a grey square covers a part of the image (Zeiler and
// Fergus 2013, section 4.2).
#pragma once

#include <array>
#include <functional>
#include <span>
#include <vector>

#include "runtime/backend/backend.h"

namespace sluice::nodes {

// Rows as programs read them: (side, side, channels) floats.
struct RowShape {
  int side = 0;
  int channels = 3;

  std::size_t floats() const {
    return static_cast<std::size_t>(side) * static_cast<std::size_t>(side) *
           static_cast<std::size_t>(channels);
  }
};

// A square of `side` pixels that moves by `step`.
struct Square {
  int side = 1;
  int step = 1;
};

// A sixth of the row's side, by half of itself.
Square usual_square(int row_side);

// Where the square begins along one side: 0, step, ..., and flush with the far edge. Throws
// Error{usage} for a square larger than the row, or a side or step below 1.
std::vector<int> square_starts(int row_side, Square square);

// The mean of a row, channel by channel: the grey of its square. (What a mean subtraction in the
// chain has left stays near 0; a chain without one has a grey of the image's own lightness.)
std::array<float, 3> mean_colour(std::span<const float> row, int channels);

struct Place {
  int left = 0;
  int top = 0;
};
// `to`: the row with the square at a place.
void cover(std::span<const float> row, RowShape shape, const Square& square, const Place& place,
           std::array<float, 3> colour, std::span<float> to);

struct OcclusionMap {
  Square square;
  std::vector<int> starts;            // the same along both sides
  double whole = 0.0;                 // the class's probability without a square
  std::vector<double> probabilities;  // starts x starts, row by row of places
};
// Whether all of its probabilities are numbers.
bool is_finite(const OcclusionMap& map);

struct OcclusionProgress {
  std::size_t done = 0;  // places
  std::size_t all = 0;
};
// Called before each batch; may throw.
using BetweenBatches = std::function<void(const OcclusionProgress&)>;

// By `program`, for evaluation, as many places at once as its batch. Inside the arena.
struct OcclusionRun {
  Program& program;
  int batch = 1;
  RowShape shape;
  int of_class = 0;
};
OcclusionMap occlusion_map(const OcclusionRun& run, std::span<const float> row, Square square,
                           const BetweenBatches& between);

// For each pixel of the row the mean fall of the probability over the squares that cover it; below
// 0 where covering it makes the class more likely. Row by row. Pure.
std::vector<float> mean_falls(const OcclusionMap& map, int row_side);

}  // namespace sluice::nodes
