// Images: three channels, R G B interleaved, rows without gaps.
//
// `Image` owns its pixels and is move-only (`clone` to copy); the views never own. Not
// synchronised: one thread writes, or many read.
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <span>

#include "runtime/extent.h"
#include "runtime/memory.h"

namespace sluice {

enum class PixelType : std::uint8_t {
  u8,   // 0 to 255
  f32,  // the same scale, unclamped
};

inline constexpr int kChannels = 3;

constexpr std::size_t bytes_per_pixel(PixelType type) {
  return type == PixelType::u8 ? std::size_t{kChannels} : kChannels * sizeof(float);
}

inline std::size_t image_bytes(Extent extent, PixelType type) {
  return static_cast<std::size_t>(extent.pixels()) * bytes_per_pixel(type);
}

// What may be read. Pixels are typed by `type`; ask `u8()` or `f32()` for the matching row.
struct ConstImageView {
  const std::byte* data = nullptr;
  Extent extent;
  PixelType type = PixelType::u8;

  std::size_t row_bytes() const {
    return static_cast<std::size_t>(extent.width) * bytes_per_pixel(type);
  }
  const std::uint8_t* u8(int y) const {
    assert(type == PixelType::u8);
    return reinterpret_cast<const std::uint8_t*>(data) + static_cast<std::size_t>(y) * row_bytes();
  }
  const float* f32(int y) const {
    assert(type == PixelType::f32);
    return reinterpret_cast<const float*>(data + static_cast<std::size_t>(y) * row_bytes());
  }
};

// What may be written.
struct ImageView {
  std::byte* data = nullptr;
  Extent extent;
  PixelType type = PixelType::u8;

  operator ConstImageView() const { return {data, extent, type}; }
  std::size_t row_bytes() const {
    return static_cast<std::size_t>(extent.width) * bytes_per_pixel(type);
  }
  std::uint8_t* u8(int y) const {
    assert(type == PixelType::u8);
    return reinterpret_cast<std::uint8_t*>(data) + static_cast<std::size_t>(y) * row_bytes();
  }
  float* f32(int y) const {
    assert(type == PixelType::f32);
    return reinterpret_cast<float*>(data + static_cast<std::size_t>(y) * row_bytes());
  }
};

// A part of an image: where its pixels lie in the whole.
struct ConstImagePart {
  ConstImageView view;  // of the part
  Box box;
  Extent whole;
};
struct ImagePart {
  ImageView view;
  Box box;
  Extent whole;

  operator ConstImagePart() const { return {view, box, whole}; }
};
inline ConstImagePart all_of(ConstImageView view) {
  return {view, whole(view.extent), view.extent};
}
inline ImagePart all_of(ImageView view) { return {view, whole(view.extent), view.extent}; }

class Image {
 public:
  // libjpeg-turbo's colour conversion turns to non-temporal stores when its row buffers are aligned
  // to 32 bytes, which slows a chain that reads the pixels at once; so pixels start 8 bytes later.
  static constexpr std::size_t kShift = 8;

  Image() = default;
  Image(Extent extent, PixelType type)
      : Image(Block::allocate(bytes(extent, type)), extent, type) {}
  // `holder`: who is said to hold the bytes (memory.h).
  Image(BlockPool& pool, Extent extent, PixelType type, BytesHeld* holder = nullptr)
      : Image(pool.take(bytes(extent, type), holder), extent, type) {}

  // Bytes an image takes, the shift included (before the pool's rounding).
  static std::size_t bytes(Extent extent, PixelType type) {
    return image_bytes(extent, type) + kShift;
  }

  Extent extent() const { return extent_; }
  PixelType type() const { return type_; }
  bool empty() const { return block_.data() == nullptr; }
  ImageView view() { return {block_.data() + kShift, extent_, type_}; }
  ConstImageView view() const { return {block_.data() + kShift, extent_, type_}; }
  Image clone() const;

 private:
  Image(Block block, Extent extent, PixelType type)
      : block_(std::move(block)), extent_(extent), type_(type) {}

  Block block_;
  Extent extent_;
  PixelType type_ = PixelType::u8;
};

}  // namespace sluice
