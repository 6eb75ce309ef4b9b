// Files as the rows that a trained net reads: through the chain for testing that stands in its
// weights.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "nodes/run/listener.h"
#include "nodes/run/subject.h"

namespace sluice::nodes {

struct SeenRow {
  std::string path;
  std::vector<float> values;  // (side, side, channels)
};

struct SeenFiles {
  std::span<const std::filesystem::path> paths;
  std::size_t bytes = 0;  // that one may need at any stage (--memory)
};

// One after the other in the calling thread, as training's graph makes them; files that cannot be
// used are told, with the reason, and left out. Throws Error{usage} for a file that is not there,
// Error{run} where none can be used, Error{interrupted} between two files when stopped.
std::vector<SeenRow> seen_rows(const Subject& subject, const SeenFiles& files,
                               const Listener& listener, const std::stop_token& stop);

}  // namespace sluice::nodes
