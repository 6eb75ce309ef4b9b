// Bends an image as a lens does: straight lines that miss the centre become curves.
#pragma once

#include <string>

#include "augment/decision.h"
#include "augment/range.h"
#include "augment/warp.h"
#include "runtime/image.h"
#include "runtime/random.h"

namespace sluice::augment {

// OpenCV's radial model (initUndistortRectifyMap without rotation, focal length = half the image's
// diagonal, principal point = its centre): an output position at `r` half diagonals from the centre
// shows the input at r * (1 + k1 r^2 + k2 r^4). k1 > 0 bulges (barrel), k1 < 0 pinches
// (pincushion). Two draws: k1, then k2. u8 or f32, type and size kept; makes whole images only.
struct Lens {
  struct Decision {
    double k1 = 0, k2 = 0;

    std::string text() const;
    friend bool operator==(const Decision&, const Decision&) = default;
  };

  // Within -1 to 1; 3 k1 + 5 k2 >= -1 at the lower ends, so that nothing is folded over.
  Range k1{-0.15, 0.15}, k2{0, 0};
  Canvas canvas;

  void check() const;
  Decision draw(Random& random, Extent before) const;
  Extent extent_after(const Decision&, Extent before) const { return before; }
  PixelType type_after(PixelType type) const { return type; }
  void apply(ConstImageView from, const Decision& decision, ImageView to) const {
    warp(all_of(from), all_of(to), map(decision, from.extent), canvas);
  }
  RadialMap map(const Decision& decision, Extent before) const;
};
static_assert(SmallDecision<Lens::Decision>);

}  // namespace sluice::augment
