#include "nodes/run/export_weights.h"

#include <map>

#include "io/safetensors.h"
#include "io/statistics_text.h"
#include "io/text.h"
#include "nodes/augment_chain.h"
#include "nodes/run/input_words.h"
#include "nodes/run/net_keys.h"
#include "nodes/run/saved_net.h"
#include "runtime/error.h"

namespace sluice::nodes {
namespace {

using Words = std::map<std::string, std::string>;

// What the input chain takes of the training images, for `import`. A mean image is a tensor of no
// name that torchvision's nets have: not among theirs.
Statistics statistics_for(const SavedNet& saved, WeightNames names) {
  const auto chain = io::chain_from_toml(saved.info().input_chain, "the weights' input chain");
  Statistics statistics = saved.info().statistics;
  if (!statistics_need(chain).mean_image || names == WeightNames::torchvision)
    statistics.mean_image.clear();
  return statistics;
}

void write_safetensors_of(const SavedNet& saved, const ExportRequest& request, Words words) {
  if (request.names == WeightNames::torchvision) check_in_torchvision(saved.net());
  words["format"] = "pt";                            // what loaders of PyTorch's world ask for
  words["recipe"] = net_keys_toml(saved.trained());  // for `import`
  const Statistics statistics = statistics_for(saved, request.names);
  std::vector<io::NamedTensor> more;  // refers to `statistics`
  io::add_statistics(statistics, words, more);
  std::vector<io::TensorSpec> specs;
  for (const ParameterInfo& parameter : saved.parameters())
    specs.push_back({weight_name(saved.net(), parameter, request.names), parameter.shape});
  for (const io::NamedTensor& tensor : more) specs.push_back({tensor.name, tensor.tensor.shape});
  io::SafetensorsWriter writer(request.to, specs, words);
  for (std::size_t i = 0; i < saved.parameters().size(); ++i) writer.add(saved.read(i));
  for (const io::NamedTensor& tensor : more) writer.add(tensor.tensor.values);
  writer.commit();
}

void write_onnx_of(const SavedNet& saved, const ExportRequest& request, const Words& words) {
  const io::OnnxParameters values = [&](std::size_t index) { return saved.read(index); };
  io::OnnxModel model = onnx_net(saved.net(), request.onnx, values);
  model.metadata = words;
  io::write_onnx(request.to, model, values);
}

}  // namespace

ExportResult export_weights(const std::string& net, const ExportRequest& request) {
  const bool onnx = request.to.extension() == ".onnx";
  require(onnx || request.to.extension() == ".safetensors",
          "--to {} says no format; valid: a name that ends with .safetensors or .onnx",
          io::one_line(request.to.string()));
  std::error_code none;  // where `to` is not there yet
  require(!std::filesystem::equivalent(request.weights, request.to, none),
          "--to {} is the file of --weights; valid: another name",
          io::one_line(request.to.string()));
  const SavedNet saved(request.weights, net);
  const Words words = model_words(saved.info(), saved.net());
  if (onnx) {
    write_onnx_of(saved, request, words);
  } else {
    write_safetensors_of(saved, request, words);
  }
  return {.format = onnx ? "ONNX" : "safetensors",
          .net = saved.net().name,
          .variant = saved.net().variant,
          .classes = class_count(saved.net()),
          .parameters = parameter_count(saved.net()),
          .file = request.to.string(),
          .bytes = std::filesystem::file_size(request.to),
          .input = words.at("input"),
          .preprocessing = words.at("preprocessing")};
}

}  // namespace sluice::nodes
