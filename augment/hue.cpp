#include "augment/hue.h"

#include <fmt/core.h>

#include "augment/range.h"
#include "augment/simd/hue.h"

namespace sluice::augment {

std::string Hue::Decision::text() const { return fmt::format("hue {:+.3f} turns", turns); }

void Hue::check() const { check_range("hue: turns", {turns, turns_to}, {-0.5, 0.5}); }

Hue::Decision Hue::draw(Random& random, Extent) const {
  return {Range{turns, turns_to}.uniform(random)};
}

void Hue::apply(ConstImageView in, const Decision& decision, ImageView out) const {
  const auto sixths = static_cast<float>(6 * decision.turns);
  with_equal_types(in, out, [&](const auto& loop) { simd::turn_hue(loop, sixths); });
}

}  // namespace sluice::augment
