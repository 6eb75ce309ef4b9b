#include "runtime/image.h"

#include <cstdint>

#include "tests/support/catch.h"

namespace sluice {

TEST_CASE("pixels of an image never start at a multiple of 32 bytes", "[runtime][image]") {
  BlockPool pool(1 << 20);
  for (const Extent extent : {Extent{1, 1}, Extent{17, 5}, Extent{300, 200}}) {
    Image owned(extent, PixelType::u8);
    Image pooled(pool, extent, PixelType::f32);
    CHECK(reinterpret_cast<std::uintptr_t>(owned.view().data) % 32 == Image::kShift);
    CHECK(reinterpret_cast<std::uintptr_t>(pooled.view().data) % 32 == Image::kShift);
  }
}

TEST_CASE("rows of an image follow each other without gaps", "[runtime][image]") {
  Image image({5, 3}, PixelType::u8);
  const ImageView view = image.view();
  CHECK(view.row_bytes() == 15);
  CHECK(view.u8(2) - view.u8(0) == 30);
  Image floats({5, 3}, PixelType::f32);
  CHECK(floats.view().f32(1) - floats.view().f32(0) == 15);
  CHECK(image_bytes({5, 3}, PixelType::f32) == 180);
}

TEST_CASE("a clone has the same pixels in other memory", "[runtime][image]") {
  Image image({4, 2}, PixelType::u8);
  for (int y = 0; y < 2; ++y) {
    for (int x = 0; x < 12; ++x) image.view().u8(y)[x] = static_cast<std::uint8_t>(10 * y + x);
  }
  Image copy = image.clone();
  image.view().u8(1)[3] = 99;
  CHECK(copy.extent() == Extent{4, 2});
  CHECK(copy.type() == PixelType::u8);
  CHECK(copy.view().u8(1)[3] == 13);
  CHECK(copy.view().u8(0)[11] == 11);
}

TEST_CASE("an image without pixels says so, and clones to another", "[runtime][image]") {
  const Image none;
  CHECK(none.empty());
  CHECK(none.clone().empty());
  CHECK_FALSE(Image({1, 1}, PixelType::u8).empty());
}

}  // namespace sluice
