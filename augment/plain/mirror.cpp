#include "augment/plain/mirror.h"

#include <cstddef>

#include "runtime/image.h"

namespace sluice::augment::plain {
namespace {

template <class T>
void mirror_any(const T* from, int width, T* to) {
  const T* pixel = from + static_cast<std::ptrdiff_t>(width - 1) * kChannels;
  for (int x = 0; x < width; ++x, pixel -= kChannels, to += kChannels) {
    to[0] = pixel[0];
    to[1] = pixel[1];
    to[2] = pixel[2];
  }
}

}  // namespace

void mirror_row(const std::uint8_t* from, int width, std::uint8_t* to) {
  mirror_any(from, width, to);
}
void mirror_row(const float* from, int width, float* to) { mirror_any(from, width, to); }

}  // namespace sluice::augment::plain
