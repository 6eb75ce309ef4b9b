#include "io/exif.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace sluice::io {
namespace {

constexpr std::uint32_t kOrientationTag = 0x0112;
constexpr std::uint32_t kShort = 3;  // TIFF's type numbers
constexpr std::uint32_t kLong = 4;
constexpr std::size_t kEntryBytes = 12;

// A TIFF block: numbers in the byte order that it names. Reads outside it give 0.
struct Tiff {
  std::span<const std::byte> bytes;
  bool big_endian = false;

  std::uint32_t number(std::size_t at, std::size_t width) const {
    if (at > bytes.size() || bytes.size() - at < width) return 0;
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < width; ++i) {
      const std::size_t place = big_endian ? at + i : at + width - 1 - i;
      value = value << 8 | std::to_integer<std::uint32_t>(bytes[place]);
    }
    return value;
  }
};

bool starts_with(std::span<const std::byte> bytes, std::span<const std::uint8_t> magic) {
  return bytes.size() >= magic.size() &&
         std::equal(magic.begin(), magic.end(), bytes.begin(), [](std::uint8_t a, std::byte b) {
           return a == std::to_integer<std::uint8_t>(b);
         });
}

int valid_or_none(std::uint32_t value) {
  return value >= 1 && value <= 8 ? static_cast<int>(value) : 0;
}

}  // namespace

int exif_orientation(std::span<const std::byte> app1) {
  static constexpr std::array<std::uint8_t, 6> kExif{'E', 'x', 'i', 'f', 0, 0};
  static constexpr std::array<std::uint8_t, 4> kLittle{'I', 'I', 42, 0}, kBig{'M', 'M', 0, 42};
  if (!starts_with(app1, kExif)) return 0;
  Tiff tiff{app1.subspan(kExif.size())};
  tiff.big_endian = starts_with(tiff.bytes, kBig);
  if (!tiff.big_endian && !starts_with(tiff.bytes, kLittle)) return 0;

  const std::size_t directory = tiff.number(4, 4);
  const std::size_t entries = tiff.number(directory, 2);
  for (std::size_t i = 0; i < entries; ++i) {
    const std::size_t entry = directory + 2 + i * kEntryBytes;
    if (entry + kEntryBytes > tiff.bytes.size()) return 0;
    if (tiff.number(entry, 2) != kOrientationTag) continue;
    const std::uint32_t type = tiff.number(entry + 2, 2);
    if (type == kShort) return valid_or_none(tiff.number(entry + 8, 2));
    return type == kLong ? valid_or_none(tiff.number(entry + 8, 4)) : 0;
  }
  return 0;
}

}  // namespace sluice::io
