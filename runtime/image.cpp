#include "runtime/image.h"

#include <cstring>

namespace sluice {

Image Image::clone() const {
  if (empty()) return {};
  Image copy(extent_, type_);
  std::memcpy(copy.view().data, view().data, image_bytes(extent_, type_));
  return copy;
}

}  // namespace sluice
