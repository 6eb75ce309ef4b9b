#include "nodes/untouched.h"

#include <algorithm>
#include <cstring>

#include "augment/part_rows.h"

namespace sluice::nodes {
namespace {

void pass_view(ConstImageView from, ImageView to) {
  const std::size_t values = static_cast<std::size_t>(from.extent.width) * kChannels;
  for (int y = 0; y < from.extent.height; ++y) {
    if (from.type == to.type) {
      std::memcpy(to.data + static_cast<std::size_t>(y) * to.row_bytes(),
                  from.data + static_cast<std::size_t>(y) * from.row_bytes(),
                  values * bytes_per_pixel(from.type) / kChannels);
    } else {
      std::copy_n(from.u8(y), values, to.f32(y));
    }
  }
}

}  // namespace

void pass_untouched(const ConstImagePart& from, const ImagePart& to) {
  augment::apply_by_rows(from, to.box, to, pass_view);
}

}  // namespace sluice::nodes
