#include "augment/plain/places.h"

namespace sluice::augment::plain {

void project(const ProjectedRow& row, const PlaceRow& to) {
  for (int k = 0; k < to.count; ++k) {
    const double t = to.first + k + 0.5;
    const double share = 1 / (row.g * t + row.under);
    to.x[k] = fixed_position((row.a * t + row.row_x) * share);
    to.y[k] = fixed_position((row.d * t + row.row_y) * share);
  }
}

void bend(const RadialRow& row, const PlaceRow& to) {
  for (int k = 0; k < to.count; ++k) {
    const double t = to.first + k + 0.5 - row.centre_x;
    const double s = (t * t + row.row_square) * row.unit;
    const double f = 1 + s * (row.k1 + s * row.k2);
    to.x[k] = fixed_position(row.centre_x + t * f);
    to.y[k] = fixed_position(row.centre_y + row.down * f);
  }
}

void displace(const DisplacedRow& row, const PlaceRow& to) {
  for (int k = 0; k < to.count; ++k) {
    to.x[k] = fixed_position(to.first + k + 0.5 + row.strength * double{row.across[k]});
    to.y[k] = fixed_position(row.row + 0.5 + row.strength * double{row.down[k]});
  }
}

void weighted_sums(const WeightedSums& sums) {
  for (std::size_t k = 0; k < sums.count; ++k) {
    float sum = 0;
    for (std::size_t i = 0; i < sums.weights.size(); ++i)
      sum += sums.weights[i] * sums.from[k + i * sums.step];
    sums.to[k] = sum;
  }
}

}  // namespace sluice::augment::plain
