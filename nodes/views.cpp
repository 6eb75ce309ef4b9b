#include "nodes/views.h"

#include <algorithm>
#include <cstring>

#include "augment/grid_crop.h"

namespace sluice::nodes {
namespace {

template <class Value>
void copy_mirrored(const Value* from, int pixels, int channels, float* to) {
  for (int x = pixels - 1; x >= 0; --x)
    for (int c = 0; c < channels; ++c) *to++ = static_cast<float>(from[x * kChannels + c]);
}

template <class Value>
void copy_straight(const Value* from, int pixels, int channels, float* to) {
  if constexpr (std::same_as<Value, float>) {
    if (channels == kChannels) {
      std::memcpy(to, from, static_cast<std::size_t>(pixels) * kChannels * sizeof(float));
      return;
    }
  }
  for (int x = 0; x < pixels; ++x)
    for (int c = 0; c < channels; ++c) *to++ = static_cast<float>(from[x * kChannels + c]);
}

// A part of an image as (height, width, channels) floats.
void store_part(ConstImageView image, const Box& box, augment::Mirror mirror, int channels,
                float* to) {
  const auto line = [&](const auto* from) {
    from += box.left * kChannels;
    const int width = box.extent.width;
    mirror == augment::Mirror::yes ? copy_mirrored(from, width, channels, to)
                                   : copy_straight(from, width, channels, to);
    to += width * channels;
  };
  for (int y = box.top; y < box.bottom(); ++y)
    image.type == PixelType::f32 ? line(image.f32(y)) : line(image.u8(y));
}

ItemError smaller_than(int side, Extent image) {
  return {fmt::format("the chain gave {} x {} pixels, smaller than the net's {} x {}", image.width,
                      image.height, side, side)};
}

}  // namespace

Box view_box(const View& view, int side, Extent image) {
  const augment::GridCrop crop{.side = side, .grid = view.grid, .cell = view.cell};
  Random unused({});
  return crop.draw(unused, image).box();
}

Result<> CollateViews::store(ConstImageView image, const graph::SampleId&,
                             std::span<float> rows) const {
  if (image.extent.width < side || image.extent.height < side)
    return smaller_than(side, image.extent);
  float* to = rows.data();
  for (const View& view : all) {
    store_part(image, view_box(view, side, image.extent), view.mirror, channels, to);
    to += row_floats();
  }
  return Ok{};
}

Result<> CollateWhole::store(ConstImageView image, const graph::SampleId&,
                             std::span<float> row) const {
  if (image.extent.width < least_side || image.extent.height < least_side)
    return smaller_than(least_side, image.extent);
  if (image.extent.pixels() > most_pixels)
    return ItemError{fmt::format(
        "the chain gave {} x {} pixels, more than the largest image had when sizes were read",
        image.extent.width, image.extent.height)};
  row[0] = static_cast<float>(image.extent.width);
  row[1] = static_cast<float>(image.extent.height);
  float* to = row.data() + kHead;
  store_part(image, whole(image.extent), augment::Mirror::no, channels, to);
  store_part(image, whole(image.extent), augment::Mirror::yes, channels,
             to + image_floats(image.extent));
  return Ok{};
}

Extent CollateWhole::extent_of(std::span<const float> row) {
  return {static_cast<int>(row[0]), static_cast<int>(row[1])};
}

std::span<const float> CollateWhole::images_of(std::span<const float> row) const {
  return row.subspan(kHead, 2 * image_floats(extent_of(row)));
}

}  // namespace sluice::nodes
