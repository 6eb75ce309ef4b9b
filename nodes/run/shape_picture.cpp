#include "nodes/run/shape_picture.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "nodes/run/shape_noise.h"
#include "nodes/run/shape_outline.h"

namespace sluice::nodes {
namespace {

using Motif = ShapePattern::Motif;
using Colour = std::array<double, kChannels>;
constexpr double kPi = std::numbers::pi;

constexpr std::array<ShapePattern, 10> kPatterns = {{
    {.name = "checks-coarse", .motif = Motif::checks, .period = 52},
    {.name = "checks-fine", .motif = Motif::checks, .period = 19},
    {.name = "diagonal-coarse", .motif = Motif::stripes, .period = 40, .angle = 45},
    {.name = "diagonal-fine", .motif = Motif::stripes, .period = 13, .angle = 45},
    {.name = "dots", .motif = Motif::dots, .period = 30},
    {.name = "horizontal-coarse", .motif = Motif::stripes, .period = 40, .angle = 0},
    {.name = "horizontal-fine", .motif = Motif::stripes, .period = 13, .angle = 0},
    {.name = "rings", .motif = Motif::rings, .period = 28},
    {.name = "vertical-coarse", .motif = Motif::stripes, .period = 40, .angle = 90},
    {.name = "vertical-fine", .motif = Motif::stripes, .period = 13, .angle = 90},
}};

double between(Random& random, double low, double high) {
  return low + (high - low) * random.uniform();
}

Extent draw_extent(Random& random) {
  const double shorter = between(random, 112, 152);
  const int side = static_cast<int>(std::lround(shorter));
  const int longer = static_cast<int>(std::lround(shorter * between(random, 1.0, 16.0 / 9.0)));
  return random.uniform() < 0.5 ? Extent{longer, side} : Extent{side, longer};
}

// A colour of a given luminance (Rec. 601, what a JPEG keeps sharp) and a random hue.
Colour draw_colour(Random& random, double luminance) {
  const double hue = between(random, 0, 2 * kPi);
  const double chroma = between(random, 15, 60);
  const double blue = chroma * std::cos(hue), red = chroma * std::sin(hue);  // Cb, Cr
  return {luminance + 1.402 * red, luminance - 0.344 * blue - 0.714 * red,
          luminance + 1.772 * blue};
}

// The pattern as drawn: +1 in one colour, -1 in the other, edges about a pixel wide.
class Fill {
 public:
  Fill(const ShapePattern& pattern, double scale, Random& random)
      : motif_(pattern.motif), period_(pattern.period * scale * between(random, 0.9, 1.1)) {
    const double jitter = between(random, -5, 5);
    const double sign = random.uniform() < 0.5 ? -1 : 1;  // a mirror image is of the same class
    const double angle = (sign * pattern.angle + jitter) * kPi / 180;
    along_x_ = std::sin(angle);
    along_y_ = std::cos(angle);
    phase_u_ = between(random, 0, 1);
    phase_v_ = between(random, 0, 1);
  }

  // `x`, `y`: pixels from the silhouette's centre.
  double at(double x, double y) const {
    const double u = along_x_ * x + along_y_ * y;
    const double v = along_y_ * x - along_x_ * y;
    switch (motif_) {
      case Motif::stripes:
        return wave(u / period_ + phase_u_);
      case Motif::checks:
        return wave(u / period_ + phase_u_) * wave(v / period_ + phase_v_);
      case Motif::dots:
        return dot(u / period_ + phase_u_, v / period_ + phase_v_);
      case Motif::rings:
        return wave(std::hypot(x, y) / period_ + phase_u_);
    }
    return 0.0;
  }

 private:
  // A square wave of period 1 whose edges are softened over about a pixel.
  double wave(double t) const {
    const double slope = period_ / kPi;  // of the sine, to pixels from its zero
    return std::clamp(std::sin(2 * kPi * t) * slope, -1.0, 1.0);
  }
  double dot(double u, double v) const {
    const double distance = std::hypot(u - std::floor(u) - 0.5, v - std::floor(v) - 0.5);
    return std::clamp((0.3 - distance) * period_ * 2, -1.0, 1.0);
  }

  Motif motif_;
  double period_;  // in the picture's own pixels
  double along_x_ = 0.0, along_y_ = 0.0;
  double phase_u_ = 0.0, phase_v_ = 0.0;
};

// Everything random about a picture but its noise.
struct Scene {
  double centre_x, centre_y;
  Outline outline;
  Fill fill;
  Colour first, second, ground;
};

Scene draw_scene(const ShapePattern& pattern, Extent extent, Random& random) {
  const double shorter = std::min(extent.width, extent.height);
  const double centre_x = extent.width / 2.0 + shorter * between(random, -0.07, 0.07);
  const double centre_y = extent.height / 2.0 + shorter * between(random, -0.07, 0.07);
  const Outline outline(shorter / 2 * between(random, 0.9, 1.3), random);
  const Fill fill(pattern, shorter / 256, random);
  const double dark = between(random, 30, 90);
  const double light = dark + between(random, 100, 150);
  Colour first = draw_colour(random, dark), second = draw_colour(random, light);
  if (random.uniform() < 0.5) std::swap(first, second);
  const Colour ground = draw_colour(random, between(random, 70, 185));
  return {centre_x, centre_y, outline, fill, first, second, ground};
}

std::uint8_t to_u8(double value) {
  return static_cast<std::uint8_t>(std::lround(std::clamp(value, 0.0, 255.0)));
}

}  // namespace

std::span<const ShapePattern> shape_patterns() { return kPatterns; }

Image paint_shape(const ShapePattern& pattern, Random random) {
  constexpr double kGroundNoise = 65, kFillNoise = 12;  // levels, from the middle to an extreme
  const Extent extent = draw_extent(random);
  const Scene scene = draw_scene(pattern, extent, random);
  const ShapeNoise noise(extent, random);
  Image image(extent, PixelType::u8);
  for (int y = 0; y < extent.height; ++y) {
    std::uint8_t* row = image.view().u8(y);
    for (int x = 0; x < extent.width; ++x) {
      const double dx = x + 0.5 - scene.centre_x, dy = y + 0.5 - scene.centre_y;
      const double inside = scene.outline.coverage(dx, dy);
      const double share = inside > 0 ? (1 + scene.fill.at(dx, dy)) / 2 : 0.0;
      const double grain = noise.at(x, y);
      for (std::size_t c = 0; c < kChannels; ++c) {
        const double fill = scene.first[c] + (scene.second[c] - scene.first[c]) * share;
        const double shape = fill + kFillNoise * grain,
                     ground = scene.ground[c] + kGroundNoise * grain;
        row[static_cast<std::size_t>(x) * kChannels + c] =
            to_u8(ground + (shape - ground) * inside);
      }
    }
  }
  return image;
}

}  // namespace sluice::nodes
