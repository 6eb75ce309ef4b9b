#include "augment/centre_crop.h"

#include "runtime/error.h"

namespace sluice::augment {

void CentreCrop::check() const {
  require(side >= 1, "centre crop: side is {}, it must be 1 or more pixels", side);
}

Window CentreCrop::draw(Random&, Extent before) const {
  return {
      .extent = {side, side}, .left = (before.width - side) / 2, .top = (before.height - side) / 2};
}

void CentreCrop::apply(ConstImageView from, const Decision& decision, ImageView to) const {
  copy_window(from, decision, to);
}

}  // namespace sluice::augment
