// Files as the rows that a trained net reads: through the chain for testing that stands in its
// weights.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "nodes/run/listener.h"
#include "nodes/run/subject.h"

namespace sluice::nodes {

struct SeenRow {
  std::string path;
  std::vector<float> values;  // (side, side, channels)
};

// One after the other in the calling thread, as training's graph makes them; files that cannot be
// used are told and left out. Throws Error{usage} for a file that is not there, Error{run} where
// none can be used.
std::vector<SeenRow> seen_rows(const Subject& subject, std::span<const std::filesystem::path> files,
                               const Listener& listener);

}  // namespace sluice::nodes
