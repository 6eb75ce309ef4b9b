#include "augment/impulse.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "augment/pixel_loop.h"
#include "augment/random_words.h"
#include "augment/range.h"
#include "augment/simd/noise.h"

namespace sluice::augment {
namespace {

template <class T>
void sprinkle(const PixelLoop<T, T>& loop, const Impulse::Decision& decision) {
  const auto pepper = static_cast<std::uint64_t>(decision.amount * 0x1p31);
  const auto both = static_cast<std::uint64_t>(decision.amount * 0x1p32);
  std::array<std::uint32_t, 16 * kWordsAGroup> words;
  for (std::size_t first = 0; first < loop.pixels; first += words.size()) {
    simd::random_words(decision.seed, first / kWordsAGroup, words);
    const std::size_t count = std::min(words.size(), loop.pixels - first);
    for (std::size_t i = 0; i < count; ++i)
      if (words[i] < both)
        std::fill_n(loop.to + (first + i) * 3, 3, static_cast<T>(words[i] < pepper ? 0 : 255));
  }
}

}  // namespace

std::string Impulse::Decision::text() const {
  return fmt::format("salt and pepper on {:.1f} % of the pixels", 100 * amount);
}

void Impulse::check() const { check_range("impulse: amount", {amount, amount_to}, {0, 1}); }

Impulse::Decision Impulse::draw(Random& random, Extent) const {
  Decision decision;
  decision.amount = Range{amount, amount_to}.uniform(random);
  decision.seed = random.bits();
  return decision;
}

void Impulse::apply(ConstImageView in, const Decision& decision, ImageView out) const {
  std::memcpy(out.data, in.data, image_bytes(in.extent, in.type));
  with_equal_types(out, out, [&](const auto& loop) { sprinkle(loop, decision); });
}

}  // namespace sluice::augment
