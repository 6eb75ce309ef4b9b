#include "io/weights.h"

#include <algorithm>

#include "io/statistics_text.h"
#include "io/text.h"
#include "runtime/error.h"

namespace sluice::io {
namespace {

std::string title(const std::string& net, const std::string& variant) {
  return one_line(net) + " '" + one_line(variant) + "'";
}

// What the file says it holds, against what is asked for. Foreign files say nothing.
void require_same_net(const SafetensorsFile& file, const Net& net) {
  if (!file.metadata().contains("sluice.net")) return;
  const std::string& name = metadata_value(file, "sluice.net");
  const std::string& variant = metadata_value(file, "sluice.variant");
  require(name == net.name && variant == net.variant, "{} holds {}, expected {}", file.name(),
          title(name, variant), title(net.name, net.variant));
}

const TensorEntry& require_parameter(const SafetensorsFile& file, const Net& net,
                                     const ParameterInfo& info) {
  const TensorEntry* const entry = file.find(info.file_name);
  require(entry != nullptr, "{} has no {} ({}), which {} needs", file.name(), info.file_name,
          info.shape.text(), title(net.name, net.variant));
  require(entry->shape == info.shape, "{}: {} has shape {}, {} needs {}", file.name(),
          info.file_name, entry->shape.text(), title(net.name, net.variant), info.shape.text());
  return *entry;
}

void require_nothing_else(const SafetensorsFile& file, const Net& net,
                          const std::vector<ParameterInfo>& known) {
  for (const TensorEntry& entry : file.tensors()) {
    const bool expected =
        entry.name.starts_with(kStatisticsPrefix) || entry.name.starts_with(kVelocityPrefix) ||
        std::any_of(known.begin(), known.end(),
                    [&](const ParameterInfo& info) { return info.file_name == entry.name; });
    require(expected, "{} has {} ({}), which {} does not have", file.name(), one_line(entry.name),
            entry.shape.text(), title(net.name, net.variant));
  }
}

}  // namespace

Metadata weights_metadata(const Net& net, const WeightsInfo& info) {
  require(info.net == net.name && info.variant == net.variant, "weights of {} described as {}",
          title(net.name, net.variant), title(info.net, info.variant));
  return {{"format", "pt"},  // what loaders of PyTorch's world ask for
          {"sluice.net", info.net},
          {"sluice.variant", info.variant},
          {"sluice.classes", names_text(info.classes)},
          {"sluice.input_chain", info.input_chain},
          {"sluice.recipe", info.recipe}};
}

WeightsInfo weights_info_from(const SafetensorsFile& file) {
  return {.net = metadata_value(file, "sluice.net"),
          .variant = metadata_value(file, "sluice.variant"),
          .classes = names_from(file, "sluice.classes"),
          .input_chain = metadata_value(file, "sluice.input_chain"),
          .statistics = statistics_from(file),
          .recipe = metadata_value(file, "sluice.recipe")};
}

std::vector<const TensorEntry*> parameter_entries(const SafetensorsFile& file, const Net& net) {
  require_same_net(file, net);
  const std::vector<ParameterInfo> infos = parameters(net);
  std::vector<const TensorEntry*> entries;
  for (const ParameterInfo& info : infos) entries.push_back(&require_parameter(file, net, info));
  require_nothing_else(file, net, infos);
  return entries;
}

void write_weights(const std::filesystem::path& path, const Net& net, const NetState& state,
                   const WeightsInfo& info) {
  write_weights(
      path, net, [&](std::size_t index) { return state.read(index); }, info);
}

void write_weights(const std::filesystem::path& path, const Net& net,
                   const std::function<std::vector<float>(std::size_t parameter)>& values,
                   const WeightsInfo& info) {
  Metadata metadata = weights_metadata(net, info);
  std::vector<NamedTensor> statistics;
  add_statistics(info.statistics, metadata, statistics);
  const std::vector<ParameterInfo> infos = parameters(net);
  std::vector<TensorSpec> specs;
  for (const ParameterInfo& parameter : infos)
    specs.push_back({parameter.file_name, parameter.shape});
  for (const NamedTensor& tensor : statistics) specs.push_back({tensor.name, tensor.tensor.shape});
  SafetensorsWriter file(path, specs, metadata);
  for (std::size_t i = 0; i < infos.size(); ++i) file.add(values(i));
  for (const NamedTensor& tensor : statistics) file.add(tensor.tensor.values);
  file.commit();
}

WeightsInfo read_weights_info(const std::filesystem::path& path) {
  return weights_info_from(SafetensorsFile(path));
}

void read_weights(const std::filesystem::path& path, const Net& net, NetState& state) {
  const SafetensorsFile file(path);
  const std::vector<const TensorEntry*> entries = parameter_entries(file, net);
  file.verify();

  // All are read before the first is written: a file that breaks on the way changes nothing.
  std::vector<std::vector<float>> values;
  for (const TensorEntry* entry : entries) {
    values.emplace_back(static_cast<std::size_t>(entry->shape.elements()));
    file.read(*entry, values.back());
  }
  for (std::size_t i = 0; i < values.size(); ++i) state.write(i, values[i]);
}

void write_statistics(const std::filesystem::path& path, const Statistics& statistics) {
  Metadata metadata;
  std::vector<NamedTensor> tensors;
  add_statistics(statistics, metadata, tensors);
  write_safetensors(path, tensors, metadata);
}

Statistics read_statistics(const std::filesystem::path& path) {
  const SafetensorsFile file(path);
  file.verify();
  return statistics_from(file);
}

}  // namespace sluice::io
