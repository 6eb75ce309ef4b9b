#include "io/onnx_model.h"

#include <numeric>
#include <span>

#include "io/atomic_file.h"
#include "io/wire.h"
#include "runtime/error.h"

namespace sluice::io {
namespace {

// Numbers of onnx.proto's fields and enumerations.
constexpr std::int64_t kIrVersion = 7, kF32 = 1, kInt64 = 7;
constexpr std::int64_t kFloatAttribute = 1, kIntAttribute = 2, kIntsAttribute = 7;
constexpr std::uint64_t kMostBytes = (1ULL << 31U) - 1;

template <class... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};
template <class... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>;  // clang 14 does not find it by itself

WireWriter attribute_message(const std::string& name, const OnnxAttribute& value) {
  WireWriter message;
  message.text(1, name);
  std::visit(Overloaded{[&](float number) {
                          message.real(2, number);
                          message.integer(20, kFloatAttribute);
                        },
                        [&](std::int64_t number) {
                          message.integer(3, number);
                          message.integer(20, kIntAttribute);
                        },
                        [&](const std::vector<std::int64_t>& numbers) {
                          message.integers(8, numbers);
                          message.integer(20, kIntsAttribute);
                        }},
             value);
  return message;
}

WireWriter node_message(const OnnxNode& node) {
  WireWriter message;
  for (const std::string& input : node.inputs) message.text(1, input);
  for (const std::string& output : node.outputs) message.text(2, output);
  message.text(3, node.outputs.front());
  message.text(4, node.op);
  for (const auto& [name, value] : node.attributes)
    message.message(5, attribute_message(name, value));
  return message;
}

WireWriter port_message(const OnnxPort& port) {
  WireWriter shape, tensor, type, message;
  for (const OnnxSize& size : port.sizes) {
    WireWriter dim;
    if (const auto* const number = std::get_if<std::int64_t>(&size)) dim.integer(1, *number);
    if (const auto* const name = std::get_if<std::string>(&size)) dim.text(2, *name);
    shape.message(1, dim);
  }
  tensor.integer(1, kF32);
  tensor.message(2, shape);
  type.message(1, tensor);
  message.text(1, port.name);
  message.message(2, type);
  return message;
}

std::uint64_t value_bytes(const OnnxTensor& tensor) {
  const auto elements = static_cast<std::uint64_t>(std::accumulate(
      tensor.sizes.begin(), tensor.sizes.end(), std::int64_t{1}, std::multiplies<>()));
  const bool whole = std::holds_alternative<std::vector<std::int64_t>>(tensor.values);
  return elements * (whole ? sizeof(std::int64_t) : sizeof(float));
}

// Everything of a constant but its values, which follow.
std::string constant_begin(const OnnxTensor& tensor) {
  const bool whole = std::holds_alternative<std::vector<std::int64_t>>(tensor.values);
  WireWriter message;
  message.integers(1, tensor.sizes);
  message.integer(2, whole ? kInt64 : kF32);
  message.text(8, tensor.name);
  message.begin_bytes(9, value_bytes(tensor));
  WireWriter field;
  field.begin_bytes(5, message.bytes().size() + value_bytes(tensor));
  return field.bytes() + message.bytes();
}

// The graph but for its constants.
std::string graph_rest(const OnnxModel& model) {
  WireWriter graph;
  for (const OnnxNode& node : model.nodes) graph.message(1, node_message(node));
  graph.text(2, model.name);
  graph.text(10, model.words);
  graph.message(11, port_message(model.input));
  graph.message(12, port_message(model.output));
  return graph.bytes();
}

// The model but for its graph.
std::string model_rest(const OnnxModel& model) {
  WireWriter set, message;
  message.integer(1, kIrVersion);
  message.text(2, "sluice");
  set.text(1, "");
  set.integer(2, kOnnxOperatorSet);
  message.message(8, set);
  for (const auto& [key, value] : model.metadata) {
    WireWriter entry;
    entry.text(1, key);
    entry.text(2, value);
    message.message(14, entry);
  }
  return message.bytes();
}

void write_values(AtomicFile& file, const OnnxTensor& tensor, const OnnxParameters& parameters) {
  const auto write = [&](auto values) {
    require(values.size_bytes() == value_bytes(tensor), "ONNX: {} has values of {} bytes, not {}",
            tensor.name, values.size_bytes(), value_bytes(tensor));
    file.write(std::as_bytes(values));
  };
  std::visit(Overloaded{[&](const std::vector<float>& values) { write(std::span(values)); },
                        [&](const std::vector<std::int64_t>& values) { write(std::span(values)); },
                        [&](std::size_t parameter) {
                          const std::vector<float> values = parameters(parameter);
                          write(std::span(values));
                        }},
             tensor.values);
}

}  // namespace

void write_onnx(const std::filesystem::path& path, const OnnxModel& model,
                const OnnxParameters& parameters) {
  const std::string rest = graph_rest(model);
  std::vector<std::string> begins;
  std::uint64_t bytes = rest.size();
  for (const OnnxTensor& tensor : model.constants) {
    begins.push_back(constant_begin(tensor));
    bytes += begins.back().size() + value_bytes(tensor);
  }
  require(bytes < kMostBytes, "a net of {} bytes does not fit an ONNX file; valid: below 2 GiB",
          bytes);
  WireWriter graph;
  graph.begin_bytes(7, bytes);
  AtomicFile file(path);
  file.write(model_rest(model));
  file.write(graph.bytes());
  file.write(rest);
  for (std::size_t i = 0; i < begins.size(); ++i) {
    file.write(begins[i]);
    write_values(file, model.constants[i], parameters);
  }
  file.commit();
}

}  // namespace sluice::io
