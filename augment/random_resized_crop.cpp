#include "augment/random_resized_crop.h"

#include <fmt/core.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <optional>

#include "runtime/error.h"

namespace sluice::augment {
namespace {

// Halves to even, as Python rounds.
int rounded(double length) { return static_cast<int>(std::min(std::nearbyint(length), 1e9)); }

double between(double low, double high, double part) { return low + (high - low) * part; }

std::optional<Extent> one_try(const RandomResizedCrop& crop, Random& random, Extent image) {
  const double area =
      static_cast<double>(image.pixels()) * between(crop.scale, crop.scale_to, random.uniform());
  const double ratio =
      std::exp(between(std::log(crop.ratio), std::log(crop.ratio_to), random.uniform()));
  const Extent window{rounded(std::sqrt(area * ratio)), rounded(std::sqrt(area / ratio))};
  if (window.width < 1 || window.width > image.width) return std::nullopt;
  if (window.height < 1 || window.height > image.height) return std::nullopt;
  return window;
}

Extent largest(const RandomResizedCrop& crop, Extent image) {
  const double shape = static_cast<double>(image.width) / image.height;
  if (shape < crop.ratio)
    return {image.width, std::clamp(rounded(image.width / crop.ratio), 1, image.height)};
  if (shape > crop.ratio_to)
    return {std::clamp(rounded(image.height * crop.ratio_to), 1, image.width), image.height};
  return image;
}

// As seen from the window's corner.
ConstImagePart inside_window(const ConstImagePart& from, const Window& window) {
  const Box seen{.left = from.box.left - window.left,
                 .top = from.box.top - window.top,
                 .extent = from.box.extent};
  return {from.view, seen, window.extent};
}

}  // namespace

std::string RandomResizedCrop::Decision::text() const {
  return fmt::format("{} to {}x{}", window.text(), to.width, to.height);
}

void RandomResizedCrop::check() const {
  require(side >= 1 && side <= kMaxSide,
          "random resized crop: side is {}, it must be 1 to {} pixels", side, kMaxSide);
  require(scale > 0 && scale <= scale_to && scale_to <= 1,
          "random resized crop: scale is {} to {}, it must lie above 0 and at most at 1, the "
          "smaller one first",
          scale, scale_to);
  require(ratio >= 0.01 && ratio <= ratio_to && ratio_to <= 100,
          "random resized crop: ratio is {} to {}, it must lie between 0.01 and 100, the smaller "
          "one first",
          ratio, ratio_to);
}

RandomResizedCrop::Decision RandomResizedCrop::draw(Random& random, Extent before) const {
  if (before.pixels() == 0) return {{.extent = before}, before};
  const double across = random.uniform(), down = random.uniform();
  const auto placed = [&](Extent window) {
    const auto at = [](double part, int room) {
      return std::min(static_cast<int>(part * (room + 1)), room);
    };
    return Window{window, at(across, before.width - window.width),
                  at(down, before.height - window.height)};
  };
  for (int i = 0; i < kTries; ++i)
    if (const auto window = one_try(*this, random, before)) return {placed(*window), {side, side}};
  const Extent window = largest(*this, before);
  return {{window, (before.width - window.width) / 2, (before.height - window.height) / 2},
          {side, side}};
}

std::size_t RandomResizedCrop::scratch_bytes(const Decision& decision, Extent before,
                                             PixelType type) const {
  return resample_scratch_bytes(
      {.held = before, .from = decision.window.extent, .to = decision.to, .type = type}, filter);
}

void RandomResizedCrop::apply(ConstImageView from, const Decision& decision, ImageView to,
                              std::span<std::byte> scratch) const {
  apply_part(all_of(from), decision, all_of(to), scratch);
}

Box RandomResizedCrop::box_before(const Decision& decision, Extent, const Box& after) const {
  return decision.window.box_before(
      resample_box_before(decision.window.extent, decision.to, after, filter));
}

void RandomResizedCrop::apply_part(const ConstImagePart& from, const Decision& decision,
                                   const ImagePart& to, std::span<std::byte> scratch) const {
  assert(to.whole == decision.to && to.view.type == from.view.type);
  resample(inside_window(from, decision.window), to, filter, scratch);
}

Affine RandomResizedCrop::map(const Decision& decision, Extent) const {
  const Affine in_window{
      .ax = static_cast<double>(decision.window.extent.width) / std::max(decision.to.width, 1),
      .ay = static_cast<double>(decision.window.extent.height) / std::max(decision.to.height, 1)};
  return chained(decision.window.map(), in_window);
}

}  // namespace sluice::augment
