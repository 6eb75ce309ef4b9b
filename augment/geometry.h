// Maps of positions in images.
//
// Positions are continuous: pixel (i, j) covers [i, i + 1) x [j, j + 1), its centre is
// (i + 0.5, j + 0.5). So a rescale is a pure factor, and a flip reflects at the image's own middle.
#pragma once

namespace sluice::augment {

struct Position {
  double x = 0;
  double y = 0;
};

// Output position -> input position: x' = ax * x + bx, y' = ay * y + by.
struct Affine {
  double ax = 1;
  double bx = 0;
  double ay = 1;
  double by = 0;

  Position operator()(Position p) const { return {ax * p.x + bx, ay * p.y + by}; }
  friend bool operator==(const Affine&, const Affine&) = default;
};

// The map of two operations, `first` applied to the image before `second`: a position in the last
// output goes through `second`'s map, then through `first`'s.
constexpr Affine chained(const Affine& first, const Affine& second) {
  return {first.ax * second.ax, first.ax * second.bx + first.bx, first.ay * second.ay,
          first.ay * second.by + first.by};
}

}  // namespace sluice::augment
