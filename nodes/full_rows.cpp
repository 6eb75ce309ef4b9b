#include "nodes/full_rows.h"

#include <fmt/format.h>

#include <cstring>

#include "nodes/store_part.h"

namespace sluice::nodes {
namespace {

Box middle(Extent image, Extent row) {
  return {
      .left = (image.width - row.width) / 2, .top = (image.height - row.height) / 2, .extent = row};
}

}  // namespace

Result<> CollateFull::store(ConstImageView image, const graph::SampleId& id,
                            std::span<float> row) const {
  if (image.extent.width < least_side || image.extent.height < least_side)
    return ItemError{fmt::format("the chain gave {} x {} pixels, smaller than the net's {} x {}",
                                 image.extent.width, image.extent.height, least_side, least_side)};
  const Extent size = (*sizes)[id.number];
  if (image.extent.width < size.width || image.extent.height < size.height)
    return ItemError{fmt::format(
        "the chain gave {} x {} pixels, less than the {} x {} that were expected of its header",
        image.extent.width, image.extent.height, size.width, size.height)};
  store_part(image, {.box = middle(image.extent, size), .channels = channels}, row.data());
  return Ok{};
}

void PackRows::run(graph::Batch& batch, Completion done) {
  batch.extent = (*rows.sizes)[batch.ids.front().number];
  const std::size_t stride = rows.row_floats();
  const std::size_t floats =
      static_cast<std::size_t>(batch.extent.pixels()) * static_cast<std::size_t>(rows.channels);
  float* const to = batch.rows.data();
  // In this order no row is written over before it was read.
  for (std::size_t row = 1; row < static_cast<std::size_t>(batch.count); ++row)
    std::memmove(to + row * floats, to + row * stride, floats * sizeof(float));
  done(nullptr);
}

}  // namespace sluice::nodes
