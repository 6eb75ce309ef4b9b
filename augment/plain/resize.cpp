#include "augment/plain/resize.h"

#include "augment/plain/sample.h"

namespace sluice::augment::plain {

void resize_bilinear(const ByteResize& resize) {
  const ConstImagePart& from = resize.from;
  const ImagePart& to = resize.to;
  for (int y = 0; y < to.box.extent.height; ++y) {
    const std::int32_t down = resized_position(to.box.top + y, from.whole.height, to.whole.height);
    for (int x = 0; x < to.box.extent.width; ++x) {
      const std::int32_t across =
          resized_position(to.box.left + x, from.whole.width, to.whole.width);
      bilinear_pixel(SampleRow<std::uint8_t>{.from = from.view.u8(0),
                                             .box = from.box,
                                             .whole = from.whole,
                                             .x = &across,
                                             .y = &down,
                                             .count = 1,
                                             .to = to.view.u8(y) + x * kChannels},
                     0);
    }
  }
}

}  // namespace sluice::augment::plain
