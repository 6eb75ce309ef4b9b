// A picture with its words, as pages show it.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "runtime/extent.h"

namespace sluice::io {

// Names and words may be any bytes.
struct Picture {
  std::string name;                // "conv1"
  std::vector<std::string> words;  // lines below it
  Extent shown;                    // of the picture, pixels
  std::vector<std::byte> png;
};

}  // namespace sluice::io
