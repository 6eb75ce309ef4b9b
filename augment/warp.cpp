#include "augment/warp.h"

#include <array>

#include "augment/simd/places.h"
#include "augment/warp_rows.h"
#include "runtime/error.h"

namespace sluice::augment {
namespace {

// Along a row, positions of an affine map advance by the same step: in 1 / 2^32 pixel, whose error
// over a row of 65535 pixels stays below what a position can say.
struct Steps {
  std::int64_t first;
  std::int64_t step;

  static constexpr int kBelow = 32 - kPositionBits;
  static constexpr std::int64_t kFar = 2147460000;

  // Nudged as in fixed_position; the shift cuts.
  std::int64_t at(int x) const { return first + step * x + (std::int64_t{1} << (32 - 26)); }

  void fill(int x, int count, std::int32_t* positions) const {
    const auto near = [&](int k) { return std::abs(at(x + k) >> kBelow) < kFar; };
    if (near(0) && near(count - 1)) {  // then so are all between: no clamping
      auto position = static_cast<std::uint64_t>(at(x));
      const auto next = static_cast<std::uint64_t>(step);
      for (int k = 0; k < count; ++k, position += next)
        positions[k] = static_cast<std::int32_t>(static_cast<std::uint32_t>(position >> kBelow));
      return;
    }
    for (int k = 0; k < count; ++k)
      positions[k] = static_cast<std::int32_t>(std::clamp(at(x + k) >> kBelow, -kFar, kFar));
  }
};

std::int64_t fine(double position) { return std::llround(position * 0x1p32); }

struct AffinePlace {
  PlaneMap map;

  void operator()(int x, int y, int count, TilePositions& positions) const {
    const Position first = map({0.5, y + 0.5});
    Steps{fine(first.x), fine(map.xx)}.fill(x, count, positions.x);
    Steps{fine(first.y), fine(map.yx)}.fill(x, count, positions.y);
  }
};

struct ProjectedPlace {
  Projection map;

  void operator()(int x, int y, int count, TilePositions& positions) const {
    const double down = y + 0.5;
    const ProjectedRow row{.a = map.a,
                           .row_x = map.b * down + map.c,
                           .d = map.d,
                           .row_y = map.e * down + map.f,
                           .g = map.g,
                           .under = map.h * down + 1};
    simd::project(row, {x, count, positions.x, positions.y});
  }
};

struct RadialPlace {
  RadialMap map;

  void operator()(int x, int y, int count, TilePositions& positions) const {
    const double down = y + 0.5 - map.centre.y;
    const RadialRow row{.centre_x = map.centre.x,
                        .centre_y = map.centre.y,
                        .down = down,
                        .row_square = down * down,
                        .unit = 1 / (map.radius * map.radius),
                        .k1 = map.k1,
                        .k2 = map.k2};
    simd::bend(row, {x, count, positions.x, positions.y});
  }
};

// From the pixel before the first neighbour to the one behind the last, one pixel at least.
void cover(double low, double high, int length, int& first, int& extent) {
  const auto clamped = [&](double at) {
    return static_cast<int>(std::clamp(std::floor(at), 0.0, static_cast<double>(length)));
  };
  first = std::min(clamped(low - 1.5), length - 1);
  extent = std::max(clamped(high + 2.5) - first, 1);
}

template <class Map>
Box box_of_corners(const Map& map, Extent before, const Box& after) {
  Box box;
  double left = 1e300, right = -1e300, top = 1e300, bottom = -1e300;
  for (const double x : {after.left + 0.5, after.right() - 0.5})
    for (const double y : {after.top + 0.5, after.bottom() - 0.5}) {
      const Position at = map({x, y});
      left = std::min(left, at.x), right = std::max(right, at.x);
      top = std::min(top, at.y), bottom = std::max(bottom, at.y);
    }
  cover(left, right, before.width, box.left, box.extent.width);
  cover(top, bottom, before.height, box.top, box.extent.height);
  return box;
}

}  // namespace

void check_canvas(const char* name, const Canvas& canvas) {
  for (const float level : canvas.fill)
    require(level >= 0 && level <= 255, "{}: fill is {}, it must be a grey level, 0 to 255", name,
            level);
}

PlaneMap about_centre(const PlaneMap& map, Extent extent) {
  const double x = extent.width * 0.5, y = extent.height * 0.5;
  PlaneMap moved = map;
  moved.x0 += x - (map.xx * x + map.xy * y);
  moved.y0 += y - (map.yx * x + map.yy * y);
  return moved;
}

Position Projection::operator()(Position p) const {
  const double under = g * p.x + h * p.y + 1;
  return {(a * p.x + b * p.y + c) / under, (d * p.x + e * p.y + f) / under};
}

Position RadialMap::operator()(Position p) const {
  const double x = p.x - centre.x, y = p.y - centre.y;
  const double square = (x * x + y * y) / (radius * radius);
  const double factor = 1 + square * (k1 + square * k2);
  return {centre.x + x * factor, centre.y + y * factor};
}

void warp(const ConstImagePart& from, const ImagePart& to, const PlaneMap& map,
          const Canvas& canvas) {
  warp_rows(from, to, canvas, AffinePlace{map});
}
void warp(const ConstImagePart& from, const ImagePart& to, const Projection& map,
          const Canvas& canvas) {
  warp_rows(from, to, canvas, ProjectedPlace{map});
}
void warp(const ConstImagePart& from, const ImagePart& to, const RadialMap& map,
          const Canvas& canvas) {
  warp_rows(from, to, canvas, RadialPlace{map});
}

Box warp_box_before(const PlaneMap& map, Extent before, const Box& after) {
  return box_of_corners(map, before, after);
}

Box warp_box_before(const Projection& map, Extent before, const Box& after) {
  for (const int x : {after.left, after.right()})
    for (const int y : {after.top, after.bottom()})
      if (map.g * x + map.h * y + 1 < 1e-3) return whole(before);
  return box_of_corners(map, before, after);
}

}  // namespace sluice::augment
