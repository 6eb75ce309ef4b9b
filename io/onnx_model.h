// Nets as ONNX files (github.com/onnx/onnx, onnx.proto; operator set 13, IR version 7): the model
// as plain data, and its writer. No reader: ONNX is a way out.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace sluice::io {

inline constexpr std::int64_t kOnnxOperatorSet = 13;

using OnnxAttribute = std::variant<std::int64_t, float, std::vector<std::int64_t>>;

// An operator of the standard domain: its inputs and outputs are names of values.
struct OnnxNode {
  std::string op;  // "Conv"
  std::vector<std::string> inputs;
  std::vector<std::string> outputs;
  std::vector<std::pair<std::string, OnnxAttribute>> attributes{};
};

// A constant. Its values stand here, or are asked for when the file is written (`parameter`).
struct OnnxTensor {
  std::string name;
  std::vector<std::int64_t> sizes;
  std::variant<std::vector<float>, std::vector<std::int64_t>, std::size_t> values;
};

// A size, or a name where it is free.
using OnnxSize = std::variant<std::int64_t, std::string>;

struct OnnxPort {
  std::string name;
  std::vector<OnnxSize> sizes;  // of f32 values
};

struct OnnxModel {
  std::string name;
  std::string words;  // what it is, for who looks at it
  std::vector<OnnxNode> nodes;
  std::vector<OnnxTensor> constants;
  OnnxPort input, output;
  std::map<std::string, std::string> metadata{};
};

// Values of the constant whose `values` is this index; as many as its sizes say.
using OnnxParameters = std::function<std::vector<float>(std::size_t parameter)>;

// Whole or not at all (atomic_file.h); one constant at a time in memory. Error{usage} for a model
// of 2 GiB or more, protocol buffers' limit; a full disk is Error{run}. One thread.
void write_onnx(const std::filesystem::path& path, const OnnxModel& model,
                const OnnxParameters& parameters);

}  // namespace sluice::io
