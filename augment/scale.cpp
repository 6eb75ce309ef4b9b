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

Rgb Scale::divisors() const {
  Rgb by{};
  for (std::size_t channel = 0; channel < by.size(); ++channel)
    by[channel] = static_cast<float>(divisor * deviations[channel]);
  return by;
}

void Scale::apply(ConstImageView from, const Decision&, ImageView to) const {
  simd::combine(from, ChannelOperation::divide, divisors(), to);
}

void Scale::add_to(RowTransform& row, const Decision&) const {
  const Rgb by = divisors();
  add_step(row, {RowTransform::Kind::divide, {by[0], by[1], by[2]}});
}

ColourAffine Scale::affine(const Decision&) const {
  const auto factor = [this](int channel) {
    return static_cast<float>(1 / (divisor * deviations[static_cast<std::size_t>(channel)]));
  };
  return {.factor = {{{factor(0), 0, 0}, {0, factor(1), 0}, {0, 0, factor(2)}}}};
}

}  // namespace sluice::augment
