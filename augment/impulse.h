// Salt and pepper: single pixels become white or black.
#pragma once

#include <cstdint>
#include <string>

#include "augment/decision.h"
#include "runtime/image.h"
#include "runtime/random.h"

namespace sluice::augment {

// Each pixel by itself becomes 255 or 0, all channels alike, each with half the probability
// `amount`, which is uniform in [amount, amount_to] (two draws: the amount, then the 64 bits that
// key the pixels; random_words.h). scikit-image's random_noise(mode="s&p") treats channels by
// themselves.
struct Impulse {
  struct Decision {
    double amount = 0;
    std::uint64_t seed = 0;

    std::string text() const;  // "salt and pepper on 2.0 % of the pixels"
    friend bool operator==(const Decision&, const Decision&) = default;
  };

  double amount = 0;        // of all pixels, 0 to 1
  double amount_to = 0.04;  // amount to 1

  void check() const;
  Decision draw(Random& random, Extent) const;
  Extent extent_after(const Decision&, Extent before) const { return before; }
  PixelType type_after(PixelType type) const { return type; }
  void apply(ConstImageView in, const Decision& decision, ImageView out) const;
};
static_assert(SmallDecision<Impulse::Decision>);

}  // namespace sluice::augment
