// Where a pipeline's images come from: the one place that asks what kind of data set it is.
#pragma once

#include <cstddef>
#include <optional>

#include "graph/stream.h"
#include "io/dataset.h"
#include "io/recipe.h"
#include "runtime/extent.h"

namespace sluice::nodes {

// The begin of a pipeline, `read` and `decode`: from files, or from a data set's records in memory,
// which the stream shares. Throws Error{usage} when the data set's folder cannot be opened.
graph::ImageStream image_source(const io::Dataset& data, const io::Recipe& recipe);

// The size of all images, where the data set has records; files may have any.
std::optional<Extent> image_extent(const io::Dataset& data);

// Memory that the data set itself holds: the names of its files, or its records.
std::size_t data_bytes(const io::Dataset& data);

}  // namespace sluice::nodes
