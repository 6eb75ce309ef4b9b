// Sums, least and greatest of the bytes of an image, by channel.
#pragma once

#include <array>
#include <cstdint>

namespace sluice::augment {

struct ByteSums {
  std::array<std::uint64_t, 3> values{};
  std::array<std::uint64_t, 3> squares{};

  friend bool operator==(const ByteSums&, const ByteSums&) = default;
};

// Of no pixels: 255 and 0.
struct ByteExtremes {
  std::array<std::uint8_t, 3> lowest{255, 255, 255};
  std::array<std::uint8_t, 3> highest{};

  friend bool operator==(const ByteExtremes&, const ByteExtremes&) = default;
};

}  // namespace sluice::augment
