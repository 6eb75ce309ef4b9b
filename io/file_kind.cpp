#include "io/file_kind.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

namespace sluice::io {
namespace {

struct Signature {
  std::size_t offset;
  std::string_view bytes;
  std::string_view kind;
};

using namespace std::string_view_literals;

constexpr std::array kSignatures{
    Signature{0, "\x89PNG"sv, "PNG"},
    Signature{0, "GIF8"sv, "GIF"},
    Signature{8, "WEBP"sv, "WebP"},
    Signature{0, "BM"sv, "BMP"},
    Signature{0, "II*\0"sv, "TIFF"},
    Signature{0, "MM\0*"sv, "TIFF"},
    Signature{0, "%PDF"sv, "PDF"},
    Signature{0, "\x1F\x8B"sv, "gzip"},
    Signature{0, "PK\x03\x04"sv, "ZIP"},
    Signature{0, "\xFF\x0A"sv, "JPEG XL"},
    Signature{4, "JXL "sv, "JPEG XL"},
    Signature{4, "jP  "sv, "JPEG 2000"},
    Signature{0, "\xFF\x4F\xFF\x51"sv, "JPEG 2000"},
    Signature{4, "ftypavif"sv, "AVIF"},
    Signature{4, "ftyphei"sv, "HEIC"},
    Signature{0, "<"sv, "HTML or XML"},
};

bool matches(std::span<const std::byte> file, const Signature& signature) {
  if (file.size() < signature.offset + signature.bytes.size()) return false;
  return std::equal(signature.bytes.begin(), signature.bytes.end(),
                    file.begin() + static_cast<std::ptrdiff_t>(signature.offset),
                    [](char a, std::byte b) { return static_cast<std::byte>(a) == b; });
}

}  // namespace

bool starts_as_jpeg(std::span<const std::byte> file) {
  return file.size() >= 2 && file[0] == std::byte{0xFF} && file[1] == std::byte{0xD8};
}

std::string describe_start(std::span<const std::byte> file) {
  std::string text = "starts with";
  for (const std::byte byte : file.first(std::min<std::size_t>(file.size(), 2))) {
    text += fmt::format(" {:02x}", std::to_integer<unsigned>(byte));
  }
  const auto found = std::find_if(kSignatures.begin(), kSignatures.end(),
                                  [&](const Signature& s) { return matches(file, s); });
  if (found != kSignatures.end()) text += fmt::format(" ({})", found->kind);
  return text;
}

}  // namespace sluice::io
