#include "io/encode_png.h"

#include <png.h>

#include "runtime/error.h"

namespace sluice::io {

// libpng's simplified interface: it neither jumps nor prints, and first says how much it needs.
std::vector<std::byte> encode_png(ConstImageView image) {
  require(image.type == PixelType::u8 && image.extent.width > 0 && image.extent.height > 0,
          "an image of {} x {} has no PNG; valid: bytes, at least one pixel", image.extent.width,
          image.extent.height);
  png_image png{};
  png.version = PNG_IMAGE_VERSION;
  png.width = static_cast<png_uint_32>(image.extent.width);
  png.height = static_cast<png_uint_32>(image.extent.height);
  png.format = PNG_FORMAT_RGB;
  const auto write = [&](void* to, png_alloc_size_t& size) {
    const bool written = png_image_write_to_memory(&png, to, &size, 0, image.data, 0, nullptr) != 0;
    if (!written) fail(ErrorKind::run, "libpng could not write an image: {}", png.message);
  };
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(png);
  std::vector<std::byte> bytes(size);
  write(bytes.data(), size);
  bytes.resize(size);
  return bytes;
}

}  // namespace sluice::io
