#include "augment/solarize.h"

#include <fmt/core.h>

#include "augment/range.h"
#include "augment/simd/points.h"

namespace sluice::augment {

std::string Solarize::Decision::text() const {
  return fmt::format("solarize from {:.1f}", threshold);
}

void Solarize::check() const {
  check_range("solarize: threshold", {threshold, threshold_to}, {0, 256});
}

Solarize::Decision Solarize::draw(Random& random, Extent) const {
  return {Range{threshold, threshold_to}.uniform(random)};
}

void Solarize::apply(ConstImageView in, const Decision& decision, ImageView out) const {
  const auto from = static_cast<float>(decision.threshold);
  with_equal_types(in, out, [&](const auto& loop) { simd::solarize(loop, from); });
}

}  // namespace sluice::augment
