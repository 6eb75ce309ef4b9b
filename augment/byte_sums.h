// Sums of the bytes of an image, by channel.
#pragma once

#include <array>
#include <cstdint>

namespace sluice::augment {

struct ByteSums {
  std::array<std::uint64_t, 3> values{};
  std::array<std::uint64_t, 3> squares{};

  friend bool operator==(const ByteSums&, const ByteSums&) = default;
};

}  // namespace sluice::augment
