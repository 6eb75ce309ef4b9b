// Whether a net fits the memory at hand, and if not, with how many images at once it would.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "runtime/net/net.h"

namespace sluice::nodes {

// Bytes of states and programs together.
struct NetMemory {
  std::size_t bytes = 0;
  std::size_t taken = 0;  // of them those that are in use already: the states'
  int rows = 1;           // images that a program holds at once
  // `bytes` of the same net on fewer rows, found by compiling it: seconds, so it is asked seldom.
  std::function<std::size_t(int rows)> bytes_for{};
  std::vector<std::string> flags{"--batch"};  // those that say how many images are held at once
};

// Values, gradients and velocities; in evaluation values alone.
enum class NetUse { training, evaluation };
std::size_t parameter_bytes(const Net& net, NetUse use);

// The most rows below `net.rows` whose bytes fit into `room`, 0 where none do. Asks `bytes_for` at
// most 8 times; bytes grow with rows, nearly in a line.
int rows_that_fit(const NetMemory& net, std::size_t room);

// "valid: --batch 24 or --micro-batch 24, or a smaller --memory", or what to do where no rows fit.
std::string what_would_fit(const NetMemory& net, std::size_t room);

}  // namespace sluice::nodes
