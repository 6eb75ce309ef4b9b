#include "graph/stream.h"

#include "runtime/error.h"

namespace sluice::graph {

std::vector<ImageStream> split(ImageStream stream, int count) {
  require(!stream.is_branch,
          "a branch cannot be split again: split once, into as many as are needed");
  require(count >= 1, "a split into {} branches: valid is 1 or more", count);
  stream.trunk->augment = std::move(stream.augment);
  std::vector<ImageStream> branches;
  for (int i = 0; i < count; ++i) {
    branches.emplace_back(stream.trunk);
    branches.back().is_branch = true;
  }
  return branches;
}

}  // namespace sluice::graph
