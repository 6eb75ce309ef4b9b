// Brightness, contrast, saturation and hue, in random order.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "augment/decision.h"
#include "runtime/image.h"
#include "runtime/random.h"

namespace sluice::augment {

// torchvision's ColorJitter: factors of brightness, contrast and saturation uniform in
// [max(0, 1 - amount), 1 + amount], hue in [-amount, amount] turns, each applied as its own
// operation (brightness.h, ...) to the result of the one before, in an order drawn uniformly from
// the
// 24. Five draws: the order, then brightness, contrast, saturation, hue. An amount of 0 leaves that
// one out, but is drawn for, so that the others keep their values.
struct ColourJitter {
  enum class Step : std::uint8_t { brightness, contrast, saturation, hue };

  struct Decision {
    double brightness = 1;
    double contrast = 1;
    double saturation = 1;
    double hue = 0;  // turns
    std::array<Step, 4> order{Step::brightness, Step::contrast, Step::saturation, Step::hue};

    std::string text() const;  // "jitter contrast x 1.130, hue +0.050 turns, ..."
    friend bool operator==(const Decision&, const Decision&) = default;
  };

  double brightness = 0.4;  // amounts, 0 to 99
  double contrast = 0.4;
  double saturation = 0.4;
  double hue = 0.1;  // 0 to 0.5 turns

  void check() const;
  Decision draw(Random& random, Extent) const;
  Extent extent_after(const Decision&, Extent before) const { return before; }
  PixelType type_after(PixelType type) const { return type; }
  void apply(ConstImageView in, const Decision& decision, ImageView out) const;
};
static_assert(SmallDecision<ColourJitter::Decision>);

}  // namespace sluice::augment
