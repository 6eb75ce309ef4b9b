#include "nodes/run/net_memory.h"

#include <fmt/format.h>

#include <algorithm>

namespace sluice::nodes {
namespace {

constexpr int kMostCompiles = 8;

struct Sample {
  int rows = 0;
  std::size_t bytes = 0;
};

// Where the line through a sample that fits and one that does not meets the room; between them.
int guess_between(const Sample& fits, const Sample& not_fits, std::size_t room) {
  const double part =
      static_cast<double>(room - fits.bytes) / static_cast<double>(not_fits.bytes - fits.bytes);
  const int guess = fits.rows + static_cast<int>(part * (not_fits.rows - fits.rows));
  return std::clamp(guess, fits.rows + 1, not_fits.rows - 1);
}

}  // namespace

std::size_t parameter_bytes(const Net& net, NetUse use) {
  const auto count = static_cast<std::size_t>(parameter_count(net));
  return count * sizeof(float) * (use == NetUse::training ? 3 : 1);
}

int rows_that_fit(const NetMemory& net, std::size_t room) {
  if (!net.bytes_for || net.rows <= 1) return 0;
  Sample fits{.rows = 1, .bytes = net.bytes_for(1)};
  if (fits.bytes > room) return 0;
  Sample not_fits{.rows = net.rows, .bytes = std::max(net.bytes, room + 1)};
  for (int compiles = 1; compiles < kMostCompiles && not_fits.rows - fits.rows > 1; ++compiles) {
    const int rows = guess_between(fits, not_fits, room);
    const Sample sample{.rows = rows, .bytes = net.bytes_for(rows)};
    (sample.bytes <= room ? fits : not_fits) = sample;
  }
  return fits.rows;
}

std::string what_would_fit(const NetMemory& net, std::size_t room) {
  const int rows = rows_that_fit(net, room);
  if (rows == 0)
    return "not even one image at once fits; take a smaller --memory or more of the machine's";
  std::string text = "valid: ";
  for (const std::string& flag : net.flags) text += fmt::format("{} {}, ", flag, rows);
  return text + "or a smaller --memory";
}

}  // namespace sluice::nodes
