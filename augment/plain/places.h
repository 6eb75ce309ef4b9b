// Positions and weighted sums, one after the other (augment/places.h).
#pragma once

#include "augment/places.h"

namespace sluice::augment::plain {

void project(const ProjectedRow& row, const PlaceRow& to);
void bend(const RadialRow& row, const PlaceRow& to);
void displace(const DisplacedRow& row, const PlaceRow& to);
void weighted_sums(const WeightedSums& sums);

}  // namespace sluice::augment::plain
