#include "nodes/run/shape_noise.h"

namespace sluice::nodes {

ShapeNoise::ShapeNoise(Extent extent, Random& random)
    : octaves_{{{40, 0.3, 0, {}}, {16, 0.25, 0, {}}, {6, 0.25, 0, {}}, {3, 0.2, 0, {}}}} {
  for (Octave& octave : octaves_) {
    octave.columns = extent.width / octave.cell + 2;
    const int rows = extent.height / octave.cell + 2;
    octave.values.resize(static_cast<std::size_t>(octave.columns) * static_cast<std::size_t>(rows));
    for (double& value : octave.values) value = 2 * random.uniform() - 1;
  }
}

double ShapeNoise::at(int x, int y) const {
  double sum = 0;
  for (const Octave& octave : octaves_) {
    const int column = x / octave.cell, row = y / octave.cell;
    const double fx = static_cast<double>(x % octave.cell) / octave.cell;
    const double fy = static_cast<double>(y % octave.cell) / octave.cell;
    const double* above = &octave.values[static_cast<std::size_t>(row * octave.columns + column)];
    const double* below = above + octave.columns;
    const double top = above[0] + (above[1] - above[0]) * fx;
    const double bottom = below[0] + (below[1] - below[0]) * fx;
    sum += octave.share * (top + (bottom - top) * fy);
  }
  return sum;
}

}  // namespace sluice::nodes
