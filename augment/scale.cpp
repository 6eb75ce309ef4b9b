#include "augment/scale.h"

#include <cmath>

#include "augment/simd/channels.h"
#include "runtime/error.h"

namespace sluice::augment {

void Scale::check() const {
  const auto divides = [](double value) {
    return std::isnormal(static_cast<float>(value)) && value > 0;
  };
  require(divides(divisor), "scale: divisor is {}, it must be above 0 and a normal float", divisor);
  for (const double deviation : deviations) {
    require(divides(divisor * deviation),
            "scale: a channel's deviation is {}, it must be above 0 and, times the divisor, a "
            "normal float",
            deviation);
  }
}

void Scale::apply(ConstImageView from, const Decision&, ImageView to) const {
  const auto by = [this](int channel) {
    return static_cast<float>(divisor * deviations[static_cast<std::size_t>(channel)]);
  };
  simd::combine(from, ChannelOperation::divide, {by(0), by(1), by(2)}, to);
}

ColourAffine Scale::affine(const Decision&) const {
  const auto factor = [this](int channel) {
    return static_cast<float>(1 / (divisor * deviations[static_cast<std::size_t>(channel)]));
  };
  return {.factor = {{{factor(0), 0, 0}, {0, factor(1), 0}, {0, 0, factor(2)}}}};
}

}  // namespace sluice::augment
