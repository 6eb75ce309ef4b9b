// Trained weights in a file of somebody else, whatever its format: names, shapes, values on demand.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "io/safetensors.h"

namespace sluice::io {

// In which order the first layer of a net counts colours.
enum class ColourOrder : std::uint8_t { rgb, bgr };

struct ForeignWeights {
  std::string file;                 // one line, for messages
  std::string title{};              // what the file calls its net; empty: it does not
  std::vector<TensorSpec> tensors;  // in the file's order; names are any bytes
  ColourOrder colours = ColourOrder::rgb;
  // Values of tensors[index], outermost axis first, into a span of their number. Holds the file
  // open; any thread. Throws Error{usage} naming file and tensor where they are damaged.
  std::function<void(std::size_t index, std::span<float> to)> read;
};

enum class ForeignFormat : std::uint8_t { safetensors, pytorch, caffe };
std::string_view foreign_format_name(ForeignFormat format);  // "safetensors", "pytorch", "caffe"

// By what the file begins with, and .caffemodel. Throws Error{usage} that lists the formats.
ForeignFormat foreign_format(const std::filesystem::path& path);

// safetensors: of anybody, the checksum looked at where it has one; the others: pytorch_weights.h,
// caffe_weights.h. Throws Error{usage} naming the file.
ForeignWeights open_foreign_weights(const std::filesystem::path& path, ForeignFormat format);

}  // namespace sluice::io
