#include "nodes/views.h"

#include <algorithm>

#include "augment/grid_crop.h"
#include "nodes/store_part.h"

namespace sluice::nodes {
namespace {

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
    store_part(
        image,
        {.box = view_box(view, side, image.extent), .mirror = view.mirror, .channels = channels},
        to);
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
  store_part(image, {.box = whole(image.extent), .channels = channels}, to);
  store_part(image,
             {.box = whole(image.extent), .mirror = augment::Mirror::yes, .channels = channels},
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
