// s^-beta of normalisations: by roots, which every machine rounds alike, for the beta of all
// published nets.
#pragma once

#include <cmath>

#include "runtime/backend/cudnn/elements/host_device.h"

namespace sluice::cudnn::elements {

SLUICE_HD inline float inverse_power(float s, float beta) {
  if (beta != 0.75F) return std::pow(s, -beta);
  const float root = std::sqrt(s);
  return 1.0F / (root * std::sqrt(root));
}

}  // namespace sluice::cudnn::elements
