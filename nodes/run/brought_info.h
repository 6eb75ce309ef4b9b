// What a weights file says of itself where this program wrote it: by `export`, or as a run's own.
#pragma once

#include <filesystem>
#include <optional>

#include "io/weights.h"

namespace sluice::nodes {

// The recipe is a run's own, the keys that `export` writes of it (net_keys.h), or empty where an
// older `export` wrote none. Nothing: a safetensors file of somebody else. Throws Error{usage}
// naming the file where it holds only a part of the rest.
std::optional<io::WeightsInfo> brought_info(const std::filesystem::path& safetensors);

}  // namespace sluice::nodes
