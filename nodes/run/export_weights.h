// A trained net for other programs: safetensors under names that they know, or ONNX.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "nodes/run/onnx_net.h"
#include "nodes/run/weight_names.h"

namespace sluice::nodes {

struct ExportRequest {
  std::filesystem::path weights;
  std::filesystem::path to;                 // .safetensors or .onnx
  WeightNames names = WeightNames::layers;  // of safetensors
  OnnxOptions onnx{};
};

struct ExportResult {
  std::string format;  // "safetensors" or "ONNX"
  std::string net, variant;
  int classes = 0;
  std::int64_t parameters = 0;
  std::string file;
  std::uint64_t bytes = 0;
  std::string input;          // "f32, images x 3 (red, green, blue) x 224 x 224"
  std::string preprocessing;  // what makes images the input
};

// Parameters alone, one at a time in memory, with what the net wants as input as metadata
// (input_words.h). `net`: the one that is expected. Throws Error{usage} for weights of another net
// and for what the format cannot say; a full disk is Error{run}.
ExportResult export_weights(const std::string& net, const ExportRequest& request);

}  // namespace sluice::nodes
