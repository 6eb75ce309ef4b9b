// What the golden files (golden/, made by make_golden*.py) share.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <vector>

#include "runtime/image.h"

namespace sluice::test {

inline std::filesystem::path golden(const char* name) {
  const char* source = std::getenv("SLUICE_SOURCE");
  const std::filesystem::path folder = source ? std::filesystem::path(source) / "tests/augment"
                                              : std::filesystem::path(__FILE__).parent_path();
  return folder / "golden" / name;
}

// The generator of make_golden.py: noise, every third row black and white only.
inline Image golden_input(Extent extent, std::int32_t seed) {
  Image image(extent, PixelType::u8);
  auto state = static_cast<std::uint32_t>(seed);
  for (int y = 0; y < extent.height; ++y)
    for (std::size_t i = 0; i < image.view().row_bytes(); ++i) {
      state = state * 1664525U + 1013904223U;
      const auto value = static_cast<std::uint8_t>(state >> 24);
      image.view().u8(y)[i] = y % 3 != 2 ? value : value > 127 ? 255 : 0;
    }
  return image;
}

inline std::vector<std::uint8_t> bytes_of(const Image& image) {
  const std::uint8_t* first = image.view().u8(0);
  return {first, first + image_bytes(image.extent(), PixelType::u8)};
}

inline std::uint64_t fnv1a(const std::vector<std::uint8_t>& data) {
  std::uint64_t value = 14695981039346656037ULL;
  for (const std::uint8_t byte : data) value = (value ^ byte) * 1099511628211ULL;
  return value;
}

}  // namespace sluice::test
