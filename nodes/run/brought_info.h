// What a weights file says of itself where this program wrote it: by `export`, or as a run's own.
#pragma once

#include <filesystem>
#include <optional>

#include "io/weights.h"

namespace sluice::nodes {

// Everything but the recipe, which `export` leaves out; none: a safetensors file of somebody else.
// Throws Error{usage} naming the file where it holds only a part of it.
std::optional<io::WeightsInfo> brought_info(const std::filesystem::path& safetensors);

}  // namespace sluice::nodes
