// The linear baseline of a data set on disk.
#pragma once

#include <cstdint>
#include <stop_token>

#include "io/dataset.h"

namespace sluice::nodes {

struct LinearResult {
  double accuracy = 0.0;  // top-1 on the validation images, 0 to 1
  std::int64_t train_images = 0;
  std::int64_t val_images = 0;
};

// Trains and tests the classifier of linear_baseline.h on thumbnails of the readable images. Throws
// Error{usage} when a part has none, Error{interrupted} when stopped.
LinearResult linear_baseline_of(const io::Split& data, const std::stop_token& stop = {});

}  // namespace sluice::nodes
