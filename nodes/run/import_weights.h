// Weights of other programs as one of our own files, with the recipe and the input chain that they
// were published with; every verb then takes them.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "io/foreign_weights.h"
#include "io/recipe.h"

namespace sluice::nodes {

struct ImportRequest {
  std::filesystem::path weights;
  std::filesystem::path to;  // .safetensors
  io::ForeignFormat format = io::ForeignFormat::safetensors;
  std::filesystem::path class_names{};  // a line a class, in the order of the scores; empty: as
                                        // the file says, else 0, 1, ...
  std::filesystem::path mean{};  // Caffe's mean image, .binaryproto; empty: the published colour
};

// What a recipe for files of this format starts from beside its net's defaults, where no recipe
// file says it: keys with values, and nodes that take the places of others; or the net and the
// input chain that a file of ours brings.
struct ImportDefaults {
  std::vector<std::pair<std::string, std::string>> keys{};
  std::vector<std::pair<std::string, std::string>> swaps{};
  std::optional<io::Recipe> brought{};
};
// Throws Error{usage} for a file of ours that holds another net.
ImportDefaults import_defaults(const std::string& net, const ImportRequest& request);

struct ImportResult {
  std::string net, variant;
  std::string format;  // "safetensors", "pytorch" or "caffe"
  int classes = 0;
  std::int64_t parameters = 0;
  std::string file;         // that was written
  std::string input_chain;  // TOML
};

// `recipe`: of the net, with the defaults above; net.classes 0 takes as many as the file has. A
// file of ours brings its statistics, and its classes where no --class-names are given. Throws
// Error{usage} naming file and tensor where the weights do not fit, and for class names that are
// not as many as there are scores; a full disk is Error{run}.
ImportResult import_weights(const io::Recipe& recipe, const ImportRequest& request);

}  // namespace sluice::nodes
