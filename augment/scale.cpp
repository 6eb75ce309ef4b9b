#include "augment/scale.h"

#include <cmath>

#include "augment/simd/channels.h"
#include "runtime/error.h"

namespace sluice::augment {

void Scale::check() const {
  require(std::isnormal(static_cast<float>(divisor)) && divisor > 0,
          "scale: divisor is {}, it must be above 0 and a normal float", divisor);
}

void Scale::apply(ConstImageView from, const Decision&, ImageView to) const {
  const auto by = static_cast<float>(divisor);
  simd::combine(from, ChannelOperation::divide, {by, by, by}, to);
}

ColourAffine Scale::affine(const Decision&) const {
  const auto factor = static_cast<float>(1 / divisor);
  return {.factor = {{{factor, 0, 0}, {0, factor, 0}, {0, 0, factor}}}};
}

}  // namespace sluice::augment
