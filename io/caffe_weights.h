// Nets that Caffe has trained (.caffemodel: the message NetParameter of caffe.proto in protocol
// buffers' wire format) and mean images (.binaryproto: a BlobProto).
#pragma once

#include <filesystem>
#include <vector>

#include "io/foreign_weights.h"
#include "runtime/statistics.h"

namespace sluice::io {

inline constexpr std::uint64_t kMostCaffeBytes = 1ULL << 31U;  // protocol buffers' own limit

// Blobs of all layers that have some, V1 (`layers`) and V2 (`layer`), as LAYER.weight, LAYER.bias
// and, where there are more, LAYER.2 and on. Shapes as the file has them: older files count (1, 1,
// outputs, inputs) for a product. Colours are BGR. The file is held in memory as long as the result
// is. Throws Error{usage} that names file and layer.
ForeignWeights open_caffe_weights(const std::filesystem::path& path);

// The mean of (1, 3, height, width), BGR, as statistics have it: its image in RGB, pixel by pixel,
// and its mean colour.
Statistics read_caffe_mean(const std::filesystem::path& path);

}  // namespace sluice::io
