// Makes the `shapes` data set: ten classes of small JPEG files that a net finds easy and a linear
// classifier cannot do (shape_picture.h). For the quickstart and for trying things out.
#pragma once

#include <cstdint>
#include <filesystem>
#include <stop_token>

namespace sluice::nodes {

struct ShapesOptions {
  std::filesystem::path out;  // must not exist, or be an empty folder
  int train_per_class = 500;
  int val_per_class = 60;
  std::uint64_t seed = 1;
};

// Writes `out`/train/CLASS/NNNN.jpg and `out`/val/CLASS/NNNN.jpg: under another name first, so that
// `out` is complete once it exists. The same options give the same bytes; picture i of a class
// stays the same when the counts change. Throws Error{usage} for options out of range or an `out`
// that holds something, Error{run} when it cannot write, Error{interrupted} when stopped (nothing
// is left then). One thread; seconds.
void make_shapes(const ShapesOptions& options, const std::stop_token& stop = {});

}  // namespace sluice::nodes
