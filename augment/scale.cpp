#include "augment/scale.h"

#include <cmath>

#include "augment/channels.h"
#include "runtime/error.h"

namespace sluice::augment {

void Scale::check() const {
  require(std::isnormal(static_cast<float>(divisor)) && divisor > 0,
          "scale: divisor is {}, it must be above 0 and a normal float", divisor);
}

void Scale::apply(ConstImageView from, const Decision&, ImageView to) const {
  const auto by = static_cast<float>(divisor);
  combine_channels(from, {by, by, by}, to, [](float value, float d) { return value / d; });
}

ColourAffine Scale::affine(const Decision&) const {
  const auto factor = static_cast<float>(1 / divisor);
  return {.factor = {{{factor, 0, 0}, {0, factor, 0}, {0, 0, factor}}}};
}

}  // namespace sluice::augment
