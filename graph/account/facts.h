// What an account does not know of its own run.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace sluice::graph {

// What a user may do about a node.
struct Alternative {
  std::string node;
  std::string text;   // "without flip"
  std::string how;    // "--set augment.flip.use=false"
  double cost = 0.0;  // what is left of the node's time, 0 to 1
};

// 0 and empty: not known.
struct RunFacts {
  int batch = 0;                  // images
  int slots = 0;                  // batches in flight
  std::int64_t memory_bytes = 0;  // --memory
  std::int64_t image_bytes = 0;   // of them, for images in flight
  double image_part = 1.0;        // of each further byte of --memory, what images in flight get
  bool stand_in = false;          // the step is --assume-step-ms
  std::vector<Alternative> alternatives{};
};

}  // namespace sluice::graph
