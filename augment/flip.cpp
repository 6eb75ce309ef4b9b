#include "augment/flip.h"

#include <cassert>
#include <cstring>

#include "runtime/error.h"

namespace sluice::augment {
namespace {

template <class T>
void mirror_row(const T* from, int width, T* to) {
  const T* pixel = from + static_cast<std::ptrdiff_t>(width - 1) * kChannels;
  for (int x = 0; x < width; ++x, pixel -= kChannels, to += kChannels) {
    to[0] = pixel[0];
    to[1] = pixel[1];
    to[2] = pixel[2];
  }
}

}  // namespace

void Flip::check() const {
  require(probability >= 0 && probability <= 1,
          "flip: probability is {}, it must be between 0 and 1", probability);
}

void Flip::apply(ConstImageView from, const Decision& decision, ImageView to) const {
  assert(to.extent == from.extent && to.type == from.type);
  if (decision.mirror == Mirror::no) {
    std::memcpy(to.data, from.data, image_bytes(from.extent, from.type));
    return;
  }
  for (int y = 0; y < from.extent.height; ++y) {
    if (from.type == PixelType::u8)
      mirror_row(from.u8(y), from.extent.width, to.u8(y));
    else
      mirror_row(from.f32(y), from.extent.width, to.f32(y));
  }
}

Affine Flip::map(const Decision& decision, Extent before) const {
  if (decision.mirror == Mirror::no) return {};
  return {.ax = -1, .bx = static_cast<double>(before.width)};
}

}  // namespace sluice::augment
