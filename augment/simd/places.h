// Positions and weighted sums; the bits of plain/places.h.
#pragma once

#include "augment/places.h"

namespace sluice::augment::simd {

void project(const ProjectedRow& row, const PlaceRow& to);
void bend(const RadialRow& row, const PlaceRow& to);
void displace(const DisplacedRow& row, const PlaceRow& to);
void weighted_sums(const WeightedSums& sums);

}  // namespace sluice::augment::simd
