#include "io/nearest.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace sluice::io {
namespace {

constexpr std::size_t kMostBytes = 64;
using Row = std::array<std::size_t, kMostBytes + 1>;

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b) {
  a = a.substr(0, kMostBytes);
  b = b.substr(0, kMostBytes);
  Row before{}, last{}, now{};
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    now[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      now[j] = std::min({last[j] + 1, now[j - 1] + 1, change});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        now[j] = std::min(now[j], before[j - 2] + 1);
    }
    before = last;
    last = now;
  }
  return last[b.size()];
}

std::optional<std::string> nearest(std::string_view name, std::span<const std::string> valid) {
  std::optional<std::string> best;
  std::size_t least = kMostBytes + 1;
  for (const std::string& candidate : valid) {
    const std::size_t distance = edit_distance(name, candidate);
    const std::size_t most = std::max<std::size_t>(2, std::max(name.size(), candidate.size()) / 3);
    if (distance > most || distance >= least || distance >= candidate.size()) continue;
    least = distance;
    best = candidate;
  }
  return best;
}

std::string did_you_mean(std::string_view name, std::span<const std::string> valid) {
  const auto best = nearest(name, valid);
  return best ? fmt::format(" (did you mean '{}'?)", *best) : std::string();
}

}  // namespace sluice::io
