// Opens images one at a time, as the pipeline of their data set does.
#pragma once

#include <cstddef>
#include <optional>

#include "graph/node.h"
#include "graph/stream.h"
#include "io/dataset.h"
#include "io/recipe.h"
#include "runtime/image.h"

namespace sluice::nodes {

// The data set must outlive it. Any thread; each call works in the calling one.
class ImageOpener {
 public:
  // Images of which the file, the decoder's arrays or the pixels take more bytes are not opened.
  ImageOpener(const io::Dataset& data, const io::Recipe& recipe, std::size_t bytes);

  // Whole, in u8. None: it cannot be read, or is too large.
  std::optional<Image> open(const graph::SourceItem& item) const;

 private:
  graph::ImageStream stream_;
  std::size_t bytes_;
};

}  // namespace sluice::nodes
