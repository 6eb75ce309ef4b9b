// Where a value of a (rows, height, width, channels) array stands.
#pragma once

#include "runtime/backend/cudnn/elements/divider.h"
#include "runtime/backend/cudnn/operation.h"

namespace sluice::cudnn::elements {

struct Place {
  std::int64_t row;
  int y;
  int x;
  int channel;
};

class PlaneIndex {
 public:
  PlaneIndex() = default;
  explicit PlaneIndex(const Plane& plane)
      : plane_(plane), rows_(plane.height), pixels_(plane.width), values_(plane.channels) {}

  SLUICE_HD const Plane& plane() const { return plane_; }
  SLUICE_HD Place place(std::int64_t i) const {
    const Divided value = values_.divide(i);
    const Divided pixel = pixels_.divide(value.quotient);
    const Divided line = rows_.divide(pixel.quotient);
    return {line.quotient, static_cast<int>(line.remainder), static_cast<int>(pixel.remainder),
            static_cast<int>(value.remainder)};
  }
  SLUICE_HD std::int64_t at(const Place& p) const {
    return ((p.row * plane_.height + p.y) * plane_.width + p.x) * plane_.channels + p.channel;
  }

 private:
  Plane plane_;
  Divider rows_, pixels_, values_;
};

}  // namespace sluice::cudnn::elements
