// How large images are, before any of them is decoded.
#pragma once

#include <optional>
#include <vector>

#include "graph/stream.h"
#include "io/dataset.h"
#include "io/recipe.h"
#include "runtime/extent.h"

namespace sluice::nodes {

// Of each entry its size as the decoder gives it, from the file's header; none where it cannot be
// read. Reads the begin of every file once, in the calling thread.
std::vector<std::optional<Extent>> image_sizes(const io::Dataset& data, const io::Recipe& recipe);

// What a chain that draws nothing makes of a size; none where a node refuses it, or makes more than
// `max_pixels` of it.
std::optional<Extent> size_behind(const graph::Chain& chain, Extent image, std::int64_t max_pixels);

}  // namespace sluice::nodes
