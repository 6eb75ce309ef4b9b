// Images moved about under themselves: every output pixel is looked up where a map says.
#pragma once

#include <cstdint>
#include <span>

#include "augment/colour_affine.h"
#include "augment/geometry.h"
#include "augment/sampling.h"
#include "runtime/image.h"

namespace sluice::augment {

// How a warp fills its output.
struct Canvas {
  Sampling sampling = Sampling::bilinear;
  Rgb fill{};  // where the input does not reach: grey levels, rounded for u8; black by default
};

// Throws Error{usage} unless the fill colour lies in 0 to 255. `name`: the operation's.
void check_canvas(const char* name, const Canvas& canvas);

// Any affine map of the plane, output position -> input position (geometry.h).
struct PlaneMap {
  double xx = 1, xy = 0, x0 = 0;  // x' = xx * x + xy * y + x0
  double yx = 0, yy = 1, y0 = 0;  // y' = yx * x + yy * y + y0

  Position operator()(Position p) const {
    return {xx * p.x + xy * p.y + x0, yx * p.x + yy * p.y + y0};
  }
  friend bool operator==(const PlaneMap&, const PlaneMap&) = default;
};

// The same map seen from an image's centre, which stays where it is but for x0 and y0.
PlaneMap about_centre(const PlaneMap& map, Extent extent);

// A projective map of the plane: (a x + b y + c, d x + e y + f) / (g x + h y + 1).
struct Projection {
  double a = 1, b = 0, c = 0;
  double d = 0, e = 1, f = 0;
  double g = 0, h = 0;

  Position operator()(Position p) const;
};

// Radial distortion about the centre: a position at `r` radii goes to r * (1 + k1 r^2 + k2 r^4).
struct RadialMap {
  Position centre;
  double radius = 1;  // pixels
  double k1 = 0, k2 = 0;

  Position operator()(Position p) const;
};

// Fills `to` from `from`: each output pixel's centre goes through the map. A part of the output has
// the bits it has in the whole; `from` holds at least warp_box_before of it. Types equal, no
// overlap; allocates nothing.
void warp(const ConstImagePart& from, const ImagePart& to, const PlaneMap& map,
          const Canvas& canvas);
void warp(const ConstImagePart& from, const ImagePart& to, const Projection& map,
          const Canvas& canvas);
void warp(const ConstImagePart& from, const ImagePart& to, const RadialMap& map,
          const Canvas& canvas);

// The pixels of an image of extent `before` that the part `after` is made of, never none. For a
// projection: where its denominator is positive all over `after`, else everything.
Box warp_box_before(const PlaneMap& map, Extent before, const Box& after);
Box warp_box_before(const Projection& map, Extent before, const Box& after);

}  // namespace sluice::augment
