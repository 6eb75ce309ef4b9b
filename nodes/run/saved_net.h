// A trained net in a file, its values read one parameter at a time.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "io/recipe.h"
#include "io/safetensors.h"
#include "io/weights.h"
#include "runtime/net/net.h"

namespace sluice::nodes {

// Holds the file open; values on demand, so that the net is never in memory whole. Any thread may
// read. Throws Error{usage} for a file that is none of ours, damaged, or of another net.
class SavedNet {
 public:
  // `net`: the one that is expected, "alexnet".
  SavedNet(const std::filesystem::path& file, const std::string& net);
  SavedNet(const SavedNet&) = delete;  // entries point into the file
  SavedNet& operator=(const SavedNet&) = delete;

  const io::WeightsInfo& info() const { return info_; }
  const io::Recipe& trained() const { return trained_; }  // of the training run
  const Net& net() const { return net_; }
  const std::vector<ParameterInfo>& parameters() const { return parameters_; }
  // Canonical values of parameters()[index].
  std::vector<float> read(std::size_t index) const;

 private:
  io::SafetensorsFile file_;
  io::WeightsInfo info_;
  io::Recipe trained_;
  Net net_;
  std::vector<ParameterInfo> parameters_;
  std::vector<const io::TensorEntry*> entries_;
};

}  // namespace sluice::nodes
