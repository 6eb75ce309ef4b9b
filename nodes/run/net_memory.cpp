#include "nodes/run/net_memory.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "runtime/net/net_copy.h"

namespace sluice::nodes {
namespace {

constexpr int kMostCompiles = 8;

struct Sample {
  int count = 0;
  std::size_t bytes = 0;
};

// Where the line through a sample that fits and one that does not meets the room; between them.
int guess_between(const Sample& fits, const Sample& not_fits, std::size_t room) {
  const double part =
      static_cast<double>(room - fits.bytes) / static_cast<double>(not_fits.bytes - fits.bytes);
  const int guess = fits.count + static_cast<int>(part * (not_fits.count - fits.count));
  return std::clamp(guess, fits.count + 1, not_fits.count - 1);
}

std::size_t above_zero(std::size_t all, std::size_t part) { return all > part ? all - part : 0; }

// Flags that would do alone, as words.
std::vector<std::string> single_flags(const NetMemory& net, std::size_t room) {
  std::vector<std::string> words;
  for (const MemoryPart& part : net.parts) {
    const int count = count_that_fits(part, above_zero(room + part.bytes, net.bytes));
    if (count == 0) continue;
    for (const std::string& flag : part.flags) words.push_back(fmt::format("{} {}", flag, count));
  }
  return words;
}

std::size_t smallest_bytes(const NetMemory& net) {
  std::size_t bytes = net.bytes;
  for (const MemoryPart& part : net.parts)
    if (part.bytes_for && part.count > 1) bytes = above_zero(bytes, part.bytes) + part.bytes_for(1);
  return bytes;
}

std::string all_at_one(const NetMemory& net) {
  std::vector<std::string> words;
  for (const MemoryPart& part : net.parts)
    if (part.count > 1) words.push_back(part.flags.back() + " 1");
  return fmt::format("{}", fmt::join(words, " with "));
}

}  // namespace

std::size_t parameter_bytes(const Net& net, NetUse use) {
  const auto count = static_cast<std::size_t>(parameter_count(net));
  return count * sizeof(float) * (use == NetUse::training ? 3 : 1);
}

std::size_t checkpoint_bytes(const NetState& state) {
  std::size_t largest = 0;
  for (const Parameter& parameter : state.parameters())
    largest = std::max(largest, parameter.layout->floats() * sizeof(float));
  return NetCopy::bytes_for(state) + largest;
}

std::size_t other_replicas_bytes(const NetState& state, int replicas) {
  return static_cast<std::size_t>(replicas - 1) * state.bytes();
}

MemoryPart replicas_part(const NetState& state, int replicas) {
  return {.flags = {"--replicas"},
          .count = replicas,
          .bytes = other_replicas_bytes(state, replicas),
          .bytes_for = [&state](int fewer) { return other_replicas_bytes(state, fewer); }};
}

std::vector<std::string> row_flags(int replicas) {
  if (replicas > 1) return {"--micro-batch"};
  return {"--batch", "--micro-batch"};
}

int count_that_fits(const MemoryPart& part, std::size_t room) {
  if (!part.bytes_for || part.count <= 1) return 0;
  Sample fits{.count = 1, .bytes = part.bytes_for(1)};
  if (fits.bytes > room) return 0;
  Sample not_fits{.count = part.count, .bytes = std::max(part.bytes, room + 1)};
  for (int compiles = 1; compiles < kMostCompiles && not_fits.count - fits.count > 1; ++compiles) {
    const int count = guess_between(fits, not_fits, room);
    const Sample sample{.count = count, .bytes = part.bytes_for(count)};
    (sample.bytes <= room ? fits : not_fits) = sample;
  }
  return fits.count;
}

std::string what_would_fit(const NetMemory& net, const Room& room) {
  std::vector<std::string> valid = single_flags(net, room.bytes);
  const std::size_t smallest = valid.empty() ? smallest_bytes(net) : 0;
  if (valid.empty() && smallest < net.bytes && smallest <= room.bytes)
    valid.push_back(all_at_one(net));
  const std::string flags = fmt::format("{}", fmt::join(valid, ", "));
  const bool with_less_preparation = net.bytes < room.bytes + room.preparation;
  if (!valid.empty())
    return fmt::format("valid: {}{}", flags,
                       with_less_preparation ? ", or a smaller --memory" : "");
  if (smallest < room.bytes + room.preparation)
    return "not even one image at once fits; valid: a smaller --memory";
  return "not even one image at once fits, whatever --memory says; valid: a smaller net (--width)";
}

}  // namespace sluice::nodes
