// Trained nets as safetensors files: parameters under torchvision-style names, and what a reader
// needs to use them (net, classes, input chain, statistics) as metadata "sluice.*".
//
// Writers: whole or not at all, Error{run}. Readers: Error{usage} that names the file. Not
// synchronised with programs that run on the NetState.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "io/safetensors.h"
#include "runtime/net/net.h"
#include "runtime/net/net_state.h"
#include "runtime/statistics.h"

namespace sluice::io {

struct WeightsInfo {
  std::string net;                   // "alexnet"
  std::string variant;               // "paper"
  std::vector<std::string> classes;  // in the order of the scores; any bytes
  std::string input_chain;           // TOML text of the evaluation chain; UTF-8
  Statistics statistics;             // of the training set
  std::string recipe;                // TOML of the whole resolved recipe

  friend bool operator==(const WeightsInfo&, const WeightsInfo&) = default;
};

void write_weights(const std::filesystem::path& path, const Net& net, const NetState& state,
                   const WeightsInfo& info);
// The same from canonical values that are asked for one parameter (of `parameters(net)`) at a time.
void write_weights(const std::filesystem::path& path, const Net& net,
                   const std::function<std::vector<float>(std::size_t parameter)>& values,
                   const WeightsInfo& info);

// Needs no net: reads which one it takes. A file without our metadata is an error.
WeightsInfo read_weights_info(const std::filesystem::path& path);

// Fills every parameter of `state`, or throws and leaves it as it was: another net or variant, a
// parameter that is missing, of another shape, or unknown to the net. Files without our metadata
// serve too, if all their tensors fit by name and shape.
void read_weights(const std::filesystem::path& path, const Net& net, NetState& state);

// Pieces that checkpoints share: what `info` says as metadata, and back; the parameters' places in
// a file, each checked against what `net` has. Tensors of other names than the net's are refused,
// but for statistics and velocities.
Metadata weights_metadata(const Net& net, const WeightsInfo& info);
WeightsInfo weights_info_from(const SafetensorsFile& file);
std::vector<const TensorEntry*> parameter_entries(const SafetensorsFile& file, const Net& net);

inline constexpr std::string_view kVelocityPrefix = "velocity.";

// A cache of statistics alone.
void write_statistics(const std::filesystem::path& path, const Statistics& statistics);
Statistics read_statistics(const std::filesystem::path& path);

}  // namespace sluice::io
