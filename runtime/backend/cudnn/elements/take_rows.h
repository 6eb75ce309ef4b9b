// A batch's rows into the program: in its precision, and nothing of rows that do not count.
#pragma once

#include "runtime/backend/cudnn/elements/plane_index.h"
#include "runtime/backend/cudnn/elements/values.h"
#include "runtime/row_transform.h"

namespace sluice::cudnn::elements {

struct RowValue {
  Divider row_values;
  const float* from;
  const float* row_weights;
  Target to;

  SLUICE_HD void operator()(std::int64_t i) const {
    to.store(i, row_weights[row_values.quotient(i)] == 0.0F ? 0.0F : from[i]);
  }
};

struct ByteValue {
  PlaneIndex index;
  const std::uint8_t* from;
  const RowTransform* transforms;
  const float* row_weights;
  const float* image;
  int image_width;
  Target to;

  // Of the byte at a place: what the row's image has there.
  SLUICE_HD const float* image_at(const RowTransform& transform, const Place& source) const {
    if (image == nullptr) return nullptr;
    const int y = transform.top + source.y, x = transform.left + source.x;
    return image + (std::int64_t{y} * image_width + x) * 3;
  }

  SLUICE_HD void operator()(std::int64_t i) const {
    const Place place = index.place(i);
    if (row_weights[place.row] == 0.0F) return to.store(i, 0.0F);
    const RowTransform& transform = transforms[place.row];
    Place source = place;
    source.x = column_of_bytes(transform, place.x, index.plane().width);
    to.store(i, transformed(from[index.at(source)], transform, place.channel,
                            image_at(transform, source)));
  }
};

template <class Executor>
void run(const TakeRows& what, const Memory& memory, Executor& executor) {
  const std::int64_t values = what.rows.values();
  if (values == 0) return;
  executor.for_each(values, RowValue{.row_values = Divider(values / what.rows.rows),
                                     .from = read_from<float>(memory, what.from),
                                     .row_weights = read_from<float>(memory, what.row_weights),
                                     .to = Target(memory, what.to)});
}

template <class Executor>
void run(const TakeBytes& what, const Memory& memory, Executor& executor) {
  executor.for_each(what.rows.values(),
                    ByteValue{.index = PlaneIndex(what.rows),
                              .from = read_from<std::uint8_t>(memory, what.from),
                              .transforms = read_from<RowTransform>(memory, what.transforms),
                              .row_weights = read_from<float>(memory, what.row_weights),
                              .image = read_from<float>(memory, what.image),
                              .image_width = what.image_width,
                              .to = Target(memory, what.to)});
}

}  // namespace sluice::cudnn::elements
