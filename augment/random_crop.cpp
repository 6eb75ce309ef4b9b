#include "augment/random_crop.h"

#include <cassert>

#include "runtime/error.h"

namespace sluice::augment {

void RandomCrop::check() const {
  require(side >= 1, "random crop: side is {}, it must be 1 or more pixels", side);
}

Window RandomCrop::draw(Random& random, Extent before) const {
  assert(!refuses(before));
  const auto position = [&](int length) {
    return static_cast<int>(random.below(static_cast<std::uint64_t>(length - side + 1)));
  };
  const int left = position(before.width);
  const int top = position(before.height);
  return {.extent = {side, side}, .left = left, .top = top};
}

void RandomCrop::apply(ConstImageView from, const Decision& decision, ImageView to) const {
  copy_window(from, decision, to);
}

}  // namespace sluice::augment
