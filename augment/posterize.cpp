#include "augment/posterize.h"

#include <fmt/core.h>

#include "augment/simd/points.h"
#include "runtime/error.h"

namespace sluice::augment {

std::string Posterize::Decision::text() const { return fmt::format("posterize to {} bits", bits); }

void Posterize::check() const {
  require(bits >= 1 && bits <= bits_to && bits_to <= 8,
          "posterize: bits is {} and bits_to is {}, they must be 1 to 8, bits not above bits_to",
          bits, bits_to);
}

Posterize::Decision Posterize::draw(Random& random, Extent) const {
  const auto choices = static_cast<std::uint64_t>(bits_to - bits + 1);
  return {bits + static_cast<int>(random.below(choices))};
}

void Posterize::apply(ConstImageView in, const Decision& decision, ImageView out) const {
  with_equal_types(in, out, [&](const auto& loop) { simd::posterize(loop, decision.bits); });
}

}  // namespace sluice::augment
