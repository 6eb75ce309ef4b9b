// Whether a net fits the memory at hand, and if not, with how many images at once it would.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "runtime/net/net.h"
#include "runtime/net/net_state.h"

namespace sluice::nodes {

// What of a net's memory goes with a number that a flag says: images of a step, images behind
// second derivatives, replicas.
struct MemoryPart {
  std::vector<std::string> flags{"--batch"};  // each may say the number; the last changes least
  int count = 1;
  std::size_t bytes = 0;
  // `bytes` with a smaller number, found by compiling it: seconds, so it is asked seldom.
  std::function<std::size_t(int count)> bytes_for{};
};

// Bytes of states and programs together.
struct NetMemory {
  std::size_t bytes = 0;
  std::size_t taken = 0;            // of them those that are in use already: the states'
  std::vector<MemoryPart> parts{};  // of them, each with a number of its own
};

// Memory that a net could have.
struct Room {
  std::size_t bytes = 0;
  std::size_t preparation = 0;  // more, if --memory were smaller
};

// Values, gradients and velocities; in evaluation values alone.
enum class NetUse { training, evaluation };
std::size_t parameter_bytes(const Net& net, NetUse use);

// What a checkpoint that is being written holds: the copy of the net, and the one parameter that is
// being put into canonical order.
std::size_t checkpoint_bytes(const NetState& state);

// What the replicas of a step but the first keep for themselves: 0 of one.
std::size_t other_replicas_bytes(const NetState& state, int replicas);
MemoryPart replicas_part(const NetState& state, int replicas);
// Flags that say how many rows run at once: of replicas a batch has several such pieces.
std::vector<std::string> row_flags(int replicas);

// The largest number below `part.count` whose bytes fit into `room`, 0 where none do. Asks
// `bytes_for` at most 8 times; bytes grow with the number, nearly in a line.
int count_that_fits(const MemoryPart& part, std::size_t room);

// "valid: --batch 24, --micro-batch 24, or a smaller --memory": each would do alone. Where none
// does: all parts at their smallest together, or what else would help.
std::string what_would_fit(const NetMemory& net, const Room& room);

}  // namespace sluice::nodes
