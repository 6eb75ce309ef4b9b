// Opens images one at a time, as the pipeline of their data set does.
#pragma once

#include <cstddef>
#include <functional>
#include <string_view>

#include "graph/node.h"
#include "graph/stream.h"
#include "io/dataset.h"
#include "io/recipe.h"
#include "runtime/error.h"
#include "runtime/image.h"

namespace sluice::nodes {

// What the file, the decoder's arrays and the pixels of an image may take together.
struct ImageLimit {
  std::size_t bytes = 0;
  std::string_view name = "the limit";  // as messages call it
};

// The data set must outlive it. Any thread; each call works in the calling one.
class ImageOpener {
 public:
  // Images that need more than the limit are not opened.
  ImageOpener(const io::Dataset& data, const io::Recipe& recipe, const ImageLimit& limit);

  // Whole, in u8; else the reader's or the decoder's reason, or that it is too large.
  Result<Image> open(const graph::SourceItem& item) const;

 private:
  graph::ImageStream stream_;
  ImageLimit limit_;
};

// How many images are looked for, and for how many chains.
struct ImagesWanted {
  int images = 1;
  std::size_t bytes = 0;  // of an image, as ImageLimit's
  std::size_t chains = 1;
};

// Opens the images of the data set in the order of the recipe's first epoch, until `take` has said
// of so many that it takes them; gives up after eight times as many. Throws Error{usage} where it
// takes none.
void take_images(const io::Dataset& data, const io::Recipe& recipe, const ImagesWanted& wanted,
                 const std::function<bool(const graph::SourceItem& item, Image image)>& take);

}  // namespace sluice::nodes
