// What a recipe needs to know about its training images, measured once and stored with the weights.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "runtime/extent.h"

namespace sluice {

struct Statistics {
  std::int64_t images = 0;
  std::array<double, 3> mean_rgb{};                   // 0 to 255
  std::array<std::array<double, 3>, 3> covariance{};  // of R, G, B over all pixels, (0 to 255)^2
  Extent mean_extent;             // of mean_image; 0 x 0 when the images had different sizes
  std::vector<float> mean_image;  // (height, width, 3), 0 to 255; may be empty

  friend bool operator==(const Statistics&, const Statistics&) = default;
};

}  // namespace sluice
