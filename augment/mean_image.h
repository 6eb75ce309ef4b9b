// Subtracts the training images' mean at each position.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "augment/decision.h"
#include "runtime/image.h"
#include "runtime/random.h"
#include "runtime/row_image.h"
#include "runtime/row_transform.h"
#include "runtime/statistics.h"

namespace sluice::augment {

// u8 or f32 in, f32 out; takes images of the mean image's own size only. Copies of the operation
// share the values, which nobody writes.
struct MeanImage {
  using Decision = NoDecision;

  std::shared_ptr<const std::vector<float>> values;  // (height, width, 3), 0 to 255
  Extent extent;                                     // of values

  void check() const;
  std::optional<std::string> refuses(Extent before) const;
  Decision draw(Random&, Extent) const { return {}; }
  Extent extent_after(const Decision&, Extent before) const { return before; }
  PixelType type_after(PixelType) const { return PixelType::f32; }
  void apply(ConstImageView from, const Decision& decision, ImageView to) const;
  Box box_before(const Decision&, Extent, const Box& after) const { return after; }
  void apply_part(const ConstImagePart& from, const Decision& decision, const ImagePart& to,
                  std::span<std::byte> scratch) const;
  RowImage row_image() const { return {.values = values, .extent = extent}; }
  void add_to(RowTransform& row, const Decision&) const {
    add_step(row, {.kind = RowTransform::Kind::subtract_image});
  }
};

// Copies the measured mean image; `check` of the result says so when none was measured.
MeanImage mean_image_of(const Statistics& statistics);

}  // namespace sluice::augment
