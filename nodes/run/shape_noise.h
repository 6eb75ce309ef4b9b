// The texture of the `shapes` data set: random values on lattices from coarse to fine, added up.
#pragma once

#include <array>
#include <vector>

#include "runtime/extent.h"
#include "runtime/random.h"

namespace sluice::nodes {

// An immutable value; any thread.
class ShapeNoise {
 public:
  ShapeNoise(Extent extent, Random& random);

  // In [-1, 1], continuous over pixels of the extent.
  double at(int x, int y) const;

 private:
  struct Octave {
    int cell;      // pixels between lattice points
    double share;  // of the sum
    int columns = 0;
    std::vector<double> values;  // [-1, 1]
  };
  std::array<Octave, 4> octaves_;
};

}  // namespace sluice::nodes
