#include "augment/colour_jitter.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstring>

#include "augment/brightness.h"
#include "augment/contrast.h"
#include "augment/hue.h"
#include "augment/range.h"
#include "augment/saturation.h"
#include "runtime/error.h"

namespace sluice::augment {
namespace {

using Step = ColourJitter::Step;

// Number `index` of the 24 orders, by the factorial number system.
std::array<Step, 4> order_of(std::uint64_t index) {
  std::array<Step, 4> order{Step::brightness, Step::contrast, Step::saturation, Step::hue};
  std::size_t first = 0;
  for (const std::uint64_t choices : {4U, 3U, 2U}) {
    const auto picked = order.begin() + static_cast<std::ptrdiff_t>(first + index % choices);
    std::rotate(order.begin() + static_cast<std::ptrdiff_t>(first), picked, picked + 1);
    index /= choices;
    ++first;
  }
  return order;
}

double factor_around_1(Random& random, double amount) {
  return Range{std::max(0.0, 1 - amount), 1 + amount}.uniform(random);
}

std::string text_of(Step step, const ColourJitter::Decision& decision) {
  switch (step) {
    case Step::brightness:
      return Brightness::Decision{decision.brightness}.text();
    case Step::contrast:
      return Contrast::Decision{decision.contrast}.text();
    case Step::saturation:
      return Saturation::Decision{decision.saturation}.text();
    case Step::hue:
      return Hue::Decision{decision.hue}.text();
  }
  return {};
}

bool changes_nothing(Step step, const ColourJitter::Decision& decision) {
  switch (step) {
    case Step::brightness:
      return decision.brightness == 1;
    case Step::contrast:
      return decision.contrast == 1;
    case Step::saturation:
      return decision.saturation == 1;
    case Step::hue:
      return decision.hue == 0;
  }
  return true;
}

void apply_step(Step step, const ColourJitter::Decision& decision, ConstImageView in,
                ImageView out) {
  switch (step) {
    case Step::brightness:
      return Brightness{}.apply(in, {decision.brightness}, out);
    case Step::contrast:
      return Contrast{}.apply(in, {decision.contrast}, out);
    case Step::saturation:
      return Saturation{}.apply(in, {decision.saturation}, out);
    case Step::hue:
      return Hue{}.apply(in, {decision.hue}, out);
  }
}

}  // namespace

std::string ColourJitter::Decision::text() const {
  std::string text = "jitter";
  for (const Step step : order)
    if (!changes_nothing(step, *this))
      text += fmt::format("{}{}", text.size() > 6 ? ", " : " ", text_of(step, *this));
  return text.size() > 6 ? text : "jitter nothing";
}

void ColourJitter::check() const {
  for (const double amount : {brightness, contrast, saturation})
    require(amount >= 0 && amount <= 99,
            "colour jitter: an amount is {}, brightness, contrast and saturation must be 0 to 99",
            amount);
  require(hue >= 0 && hue <= 0.5, "colour jitter: hue is {}, it must be 0 to 0.5 turns", hue);
}

ColourJitter::Decision ColourJitter::draw(Random& random, Extent) const {
  Decision decision;
  decision.order = order_of(random.below(24));
  decision.brightness = factor_around_1(random, brightness);
  decision.contrast = factor_around_1(random, contrast);
  decision.saturation = factor_around_1(random, saturation);
  decision.hue = Range{-hue, hue}.uniform(random);
  return decision;
}

// The operations may work in place: the first reads the input, the others the output.
void ColourJitter::apply(ConstImageView in, const Decision& decision, ImageView out) const {
  ConstImageView now = in;
  for (const Step step : decision.order) {
    if (changes_nothing(step, decision)) continue;
    apply_step(step, decision, now, out);
    now = out;
  }
  if (now.data == in.data) std::memcpy(out.data, in.data, image_bytes(in.extent, in.type));
}

}  // namespace sluice::augment
