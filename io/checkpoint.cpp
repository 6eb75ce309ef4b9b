#include "io/checkpoint.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <system_error>

#include "io/file_checksum.h"
#include "io/statistics_text.h"
#include "io/text.h"
#include "io/training_state_json.h"
#include "runtime/error.h"

namespace sluice::io {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kStem = "step-";
constexpr std::string_view kEnding = ".safetensors";

std::string hash_text(std::string_view text) {
  FileChecksum hash;
  hash.add(std::as_bytes(std::span(text)));
  return hash.text();
}

std::string data_text(const DataIdentity& data) {
  const nlohmann::ordered_json document = {{"train_images", data.train_images},
                                           {"val_images", data.val_images},
                                           {"files", data.files},
                                           {"times", data.times}};
  return document.dump();
}

DataIdentity data_from(const SafetensorsFile& file) {
  constexpr std::size_t kMostText = 4096;  // a tree takes many times its text
  const std::string& json = metadata_value(file, "sluice.data");
  require(json.size() <= kMostText, "{}: metadata sluice.data takes {} bytes; valid: at most {}",
          file.name(), json.size(), kMostText);
  const auto document = nlohmann::json::parse(json, nullptr, false);
  const auto number = [&](const char* name) {
    const bool valid = document.is_object() && document.contains(name) &&
                       document[name].is_number_unsigned() &&
                       document[name] <= std::uint64_t{std::numeric_limits<std::int64_t>::max()};
    require(valid, "{}: {} of its data is not a number", file.name(), name);
    return document[name].get<std::int64_t>();
  };
  const auto text = [&](const char* name) {
    const bool valid =
        document.is_object() && document.contains(name) && document[name].is_string();
    require(valid, "{}: {} of its data is not text", file.name(), name);
    return document[name].get<std::string>();
  };
  return {.train_images = number("train_images"),
          .val_images = number("val_images"),
          .files = text("files"),
          .times = text("times")};
}

int threads_from(const SafetensorsFile& file) {
  const std::string& text = metadata_value(file, "sluice.threads");
  int threads = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), threads);
  require(error == std::errc{} && end == text.data() + text.size() && threads > 0,
          "{}: metadata sluice.threads is not a number of threads", file.name());
  return threads;
}

Metadata checkpoint_metadata(const Net& net, const Checkpoint& checkpoint) {
  Metadata metadata = weights_metadata(net, checkpoint.weights);
  metadata["sluice.recipe_hash"] = hash_text(checkpoint.weights.recipe);
  metadata["sluice.state"] = training_state_text(checkpoint.state);
  metadata["sluice.data"] = data_text(checkpoint.data);
  metadata["sluice.backend"] = checkpoint.backend;
  metadata["sluice.threads"] = std::to_string(checkpoint.threads);
  return metadata;
}

std::vector<TensorSpec> tensor_specs(const std::vector<ParameterInfo>& infos,
                                     const std::vector<NamedTensor>& statistics) {
  std::vector<TensorSpec> specs;
  for (const ParameterInfo& info : infos) specs.push_back({info.file_name, info.shape});
  for (const ParameterInfo& info : infos)
    specs.push_back({std::string(kVelocityPrefix) + info.file_name, info.shape});
  for (const NamedTensor& tensor : statistics) specs.push_back({tensor.name, tensor.tensor.shape});
  return specs;
}

// A checkpoint is never without its checksum, as weights of somebody else may be.
void require_whole(const SafetensorsFile& file) {
  require(file.has_checksum(), "{} has no checksum; valid: a checkpoint of train", file.name());
  file.verify();
}

std::optional<std::int64_t> step_of(const std::string& name) {
  if (!name.starts_with(kStem) || !name.ends_with(kEnding)) return std::nullopt;
  const char* const begin = name.data() + kStem.size();
  const char* const end = name.data() + name.size() - kEnding.size();
  std::int64_t step = 0;
  const auto [stop, error] = std::from_chars(begin, end, step);
  if (error != std::errc{} || stop != end || step < 0) return std::nullopt;
  return step;
}

}  // namespace

void write_checkpoint(const fs::path& path, const Net& net, const NetCopy& copy,
                      const Checkpoint& checkpoint) {
  Metadata metadata = checkpoint_metadata(net, checkpoint);
  std::vector<NamedTensor> statistics;
  add_statistics(checkpoint.weights.statistics, metadata, statistics);
  const std::vector<ParameterInfo> infos = parameters(net);
  SafetensorsWriter file(path, tensor_specs(infos, statistics), metadata);
  std::vector<float> canonical;  // one parameter at a time: the copy is large enough
  const auto write = [&](std::size_t i, auto read) {
    canonical.resize(static_cast<std::size_t>(infos[i].shape.elements()));
    read(i, std::span(canonical));
    file.add(canonical);
  };
  for (std::size_t i = 0; i < infos.size(); ++i)
    write(i, [&](std::size_t index, std::span<float> to) { copy.read_values(index, to); });
  for (std::size_t i = 0; i < infos.size(); ++i)
    write(i, [&](std::size_t index, std::span<float> to) { copy.read_velocity(index, to); });
  for (const NamedTensor& tensor : statistics) file.add(tensor.tensor.values);
  file.commit();
}

Checkpoint read_checkpoint(const fs::path& path) {
  const SafetensorsFile file(path);
  require_whole(file);
  Checkpoint checkpoint{
      .weights = weights_info_from(file),
      .state = training_state_from(metadata_value(file, "sluice.state"), file.name()),
      .data = data_from(file),
      .backend = metadata_value(file, "sluice.backend"),
      .threads = threads_from(file)};
  require(metadata_value(file, "sluice.recipe_hash") == hash_text(checkpoint.weights.recipe),
          "{}: its recipe is not the one that its hash was made of", file.name());
  return checkpoint;
}

void read_checkpoint_net(const fs::path& path, const Net& net, NetState& state) {
  const SafetensorsFile file(path);
  require_whole(file);
  const std::vector<const TensorEntry*> values = parameter_entries(file, net);
  std::vector<const TensorEntry*> velocities;
  for (const TensorEntry* value : values) {
    const TensorEntry* velocity = file.find(std::string(kVelocityPrefix) + value->name);
    require(velocity != nullptr && velocity->shape == value->shape,
            "{} has no velocity of {}; valid: a checkpoint of train", file.name(), value->name);
    velocities.push_back(velocity);
  }
  // Everything fits and the checksum is right: from here on only the disk can fail, and then the
  // caller throws the state away.
  std::vector<float> canonical;
  const auto read = [&](const TensorEntry& entry) {
    canonical.resize(static_cast<std::size_t>(entry.shape.elements()));
    file.read(entry, canonical);
  };
  for (std::size_t i = 0; i < values.size(); ++i) {
    read(*values[i]);
    state.write(i, canonical);
    read(*velocities[i]);
    state.write_velocity(i, canonical);
  }
}

void make_checkpoint_folder(const fs::path& run) {
  const fs::path folder = run / "checkpoints";
  std::error_code error;
  fs::create_directories(folder, error);
  require(!error && fs::is_directory(folder, error), "cannot make the folder {}: {}",
          one_line(folder.string()), error ? error.message() : "something else has that name");
}

fs::path checkpoint_path(const fs::path& run, std::int64_t step) {
  return run / "checkpoints" / fmt::format("{}{:09}{}", kStem, step, kEnding);
}

std::vector<CheckpointFile> list_checkpoints(const fs::path& run) {
  std::vector<CheckpointFile> files;
  const fs::path folder = run / "checkpoints";
  std::error_code error;
  if (fs::symlink_status(folder, error).type() == fs::file_type::not_found) return files;
  fs::directory_iterator file(folder, error);
  for (; !error && file != fs::directory_iterator(); file.increment(error)) {
    if (const auto step = step_of(file->path().filename().string()))
      files.push_back({*step, file->path()});
  }
  require(!error, "cannot read the folder {}: {}", one_line(folder.string()), error.message());
  std::sort(files.begin(), files.end(),
            [](const CheckpointFile& a, const CheckpointFile& b) { return a.step > b.step; });
  return files;
}

void prune_checkpoints(const fs::path& run, std::int64_t step, std::size_t keep) {
  std::vector<CheckpointFile> files = list_checkpoints(run);
  std::erase_if(files, [&](const CheckpointFile& file) { return file.step > step; });
  std::error_code none;  // one that stays takes room, no more
  for (std::size_t i = keep; i < files.size(); ++i) fs::remove(files[i].path, none);
}

}  // namespace sluice::io
