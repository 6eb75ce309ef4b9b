#include "apps/common/text_width.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

namespace sluice::apps {
namespace {

struct Range {
  std::uint32_t first, last;
};

// Unicode 15: general categories Mn, Me and the format characters that occur in names.
constexpr Range kNoWidth[] = {
    {0x0300, 0x036F},   {0x0483, 0x0489}, {0x0591, 0x05BD}, {0x0610, 0x061A}, {0x064B, 0x065F},
    {0x0900, 0x0902},   {0x093C, 0x093C}, {0x0941, 0x0948}, {0x0E31, 0x0E31}, {0x0E34, 0x0E3A},
    {0x0E47, 0x0E4E},   {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF}, {0x200B, 0x200F}, {0x20D0, 0x20FF},
    {0x302A, 0x302D},   {0x3099, 0x309A}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}, {0xFEFF, 0xFEFF},
    {0xE0100, 0xE01EF},
};
// East Asian width W and F.
constexpr Range kWide[] = {
    {0x1100, 0x115F},   {0x2E80, 0x303E},   {0x3041, 0x33FF},   {0x3400, 0x4DBF},
    {0x4E00, 0x9FFF},   {0xA000, 0xA4CF},   {0xAC00, 0xD7A3},   {0xF900, 0xFAFF},
    {0xFE30, 0xFE4F},   {0xFF00, 0xFF60},   {0xFFE0, 0xFFE6},   {0x1F300, 0x1F64F},
    {0x1F680, 0x1F6FF}, {0x1F900, 0x1F9FF}, {0x20000, 0x3FFFD},
};

bool in(std::span<const Range> ranges, std::uint32_t code) {
  return std::ranges::any_of(
      ranges, [code](const Range& range) { return code >= range.first && code <= range.last; });
}

struct Character {
  std::uint32_t code = 0;
  std::size_t bytes = 1;
};

// The one at the beginning of `text`, which is not empty; a byte by itself where it is no UTF-8.
Character first_of(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const std::size_t bytes = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
  if (bytes == 1 || text.size() < bytes) return {lead, 1};
  std::uint32_t code = lead & (0xFFU >> (bytes + 1));
  for (std::size_t i = 1; i < bytes; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xC0U) != 0x80U) return {lead, 1};
    code = code << 6 | (next & 0x3FU);
  }
  return {code, bytes};
}

int width_of(std::uint32_t code) {
  if (code < 0x300) return 1;
  if (in(kNoWidth, code)) return 0;
  return in(kWide, code) ? 2 : 1;
}

// Bytes of the longest beginning of at most `columns`.
std::size_t beginning(std::string_view text, int columns) {
  std::size_t at = 0;
  while (at < text.size()) {
    const Character next = first_of(text.substr(at));
    columns -= width_of(next.code);
    if (columns < 0) break;
    at += next.bytes;
  }
  return at;
}

}  // namespace

int text_width(std::string_view text) {
  int width = 0;
  while (!text.empty()) {
    const Character next = first_of(text);
    width += width_of(next.code);
    text.remove_prefix(next.bytes);
  }
  return width;
}

std::string without_escapes(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\033') {
      plain += text[i];
      continue;
    }
    ++i;  // the bracket; parameters follow, up to a letter
    while (i + 1 < text.size() && (text[i + 1] < '@' || text[i + 1] > '~')) ++i;
    ++i;
  }
  return plain;
}

std::string cut_to(std::string_view text, int columns) {
  if (columns <= 0) return {};
  if (text_width(text) <= columns) return std::string(text);
  return std::string(text.substr(0, beginning(text, columns - 1))) + "~";
}

std::string fitted(std::string_view text, int columns, Side side) {
  const std::string cut = cut_to(text, columns);
  const std::string spaces(static_cast<std::size_t>(std::max(columns - text_width(cut), 0)), ' ');
  return side == Side::left ? cut + spaces : spaces + cut;
}

}  // namespace sluice::apps
