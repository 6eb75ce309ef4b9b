#include "nodes/run/map_pictures.h"

#include <algorithm>
#include <cmath>

#include "nodes/run/tiles.h"

namespace sluice::nodes {
namespace {

constexpr int kUnitsSide = 160;  // pixels, about, of a square of units
constexpr double kDim = 0.6;     // of an image under colours
constexpr double kThick = 0.8;   // of the fullest colour over it

std::size_t index(int value) { return static_cast<std::size_t>(value); }

// One plane, enlarged.
template <class Colour>
Image drawn(int side, const Colour& colour) {
  return draw_tiles({.plane = {side, side}, .scale = std::max(1, kPictureSide / side), .gap = 0},
                    [&](int, int x, int y) { return colour(index(y * side + x)); });
}

GreyScale whole_range(std::span<const float> values) {
  GreyScale scale{.black = 0.0, .white = 0.0};
  bool first = true;
  for (const float value : values) {
    if (!std::isfinite(value)) continue;
    const auto exact = static_cast<double>(value);
    scale.black = first ? exact : std::min(scale.black, exact);
    scale.white = first ? exact : std::max(scale.white, exact);
    first = false;
  }
  return scale;
}

// How light a row's pixel is, 0 to 1: the mean over its channels.
double lightness(std::span<const float> row, RowShape shape, const GreyScale& scale,
                 std::size_t pixel) {
  double sum = 0.0;
  for (std::size_t c = 0; c < index(shape.channels); ++c)
    sum += scale.level(static_cast<double>(row[pixel * index(shape.channels) + c]));
  return sum / shape.channels;
}

ActivationPicture unit_picture(int units, std::span<const float> values) {
  const int columns = static_cast<int>(std::ceil(std::sqrt(units)));
  const GreyScale scale = grey_scale(values);
  const Tiles tiles{
      .count = units, .columns = columns, .scale = std::max(1, kUnitsSide / columns), .gap = 0};
  return {.picture = {.image = draw_tiles(tiles,
                                          [&](int unit, int, int) {
                                            return grey(scale.level(
                                                static_cast<double>(values[index(unit)])));
                                          }),
                      .scale = scale},
          .maps = units,
          .map = {1, 1}};
}

}  // namespace

ScaledPicture row_picture(std::span<const float> row, RowShape shape) {
  const GreyScale scale = whole_range(row);
  const auto channels = index(shape.channels);
  return {.image = drawn(shape.side,
                         [&](std::size_t pixel) {
                           Rgb colour{};
                           for (std::size_t c = 0; c < colour.size(); ++c)
                             colour[c] = byte_of(scale.level(static_cast<double>(
                                 row[pixel * channels + std::min(c, channels - 1)])));
                           return colour;
                         }),
          .scale = scale};
}

ActivationPicture activation_picture(const Shape& shape, std::span<const float> values) {
  const int maps = static_cast<int>(shape[1]);
  if (shape.rank() < 4) return unit_picture(maps, values);
  const Extent map{static_cast<int>(shape[3]), static_cast<int>(shape[2])};
  const GreyScale scale = grey_scale(values);
  Image image = draw_tiles(square_tiles(maps, map), [&](int m, int x, int y) {
    return grey(
        scale.level(static_cast<double>(values[index((m * map.height + y) * map.width + x)])));
  });
  return {.picture = {.image = std::move(image), .scale = scale}, .maps = maps, .map = map};
}

Image map_picture(std::span<const float> values, int side, double white) {
  const GreyScale scale{.black = 0.0, .white = white};
  return drawn(side, [&](std::size_t pixel) {
    return grey(white > 0.0 ? scale.level(static_cast<double>(values[pixel])) : 0.0);
  });
}

Image heat_over(std::span<const float> values, double white, std::span<const float> row,
                RowShape shape) {
  const GreyScale range = whole_range(row), scale{.black = 0.0, .white = white};
  return drawn(shape.side, [&](std::size_t pixel) {
    const double level = white > 0.0 ? scale.level(static_cast<double>(values[pixel])) : 0.0;
    return mixed(grey(kDim * lightness(row, shape, range, pixel)), heat(level), level);
  });
}

Image fall_picture(std::span<const float> falls, int side, double most) {
  return drawn(side, [&](std::size_t pixel) {
    return blue_to_red(most > 0.0 ? static_cast<double>(falls[pixel]) / most : 0.0);
  });
}

Image falls_over(std::span<const float> falls, double most, std::span<const float> row,
                 RowShape shape) {
  const GreyScale range = whole_range(row);
  return drawn(shape.side, [&](std::size_t pixel) {
    const double share = most > 0.0 ? static_cast<double>(falls[pixel]) / most : 0.0;
    return mixed(grey(lightness(row, shape, range, pixel)), blue_to_red(share < 0.0 ? -1.0 : 1.0),
                 kThick * std::abs(share));
  });
}

}  // namespace sluice::nodes
