#include "io/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace sluice::io {
namespace {

constexpr std::size_t kLongest = 300;

// Of one character, or one byte that is none: also the 8-bit controls (0x80 to 0x9F), which a
// terminal may take in UTF-8 and alone.
bool is_control(std::string_view character) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(character[i]); };
  const auto is_upper = [](unsigned char c) { return c >= 0x80 && c <= 0x9F; };
  if (character.size() == 1) return byte(0) < 0x20 || byte(0) == 0x7F || is_upper(byte(0));
  return character.size() == 2 && byte(0) == 0xC2 && is_upper(byte(1));
}

std::string escaped(char c) {
  switch (c) {
    case '\n':
      return "\\n";
    case '\t':
      return "\\t";
    case '\r':
      return "\\r";
    default:
      return fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
  }
}

// Bytes of the UTF-8 sequence that `text` starts with; 0: it starts with none (RFC 3629).
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return 1;
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return 0;
  const unsigned low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  const unsigned high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  if (byte(1) < low || byte(1) > high) return 0;
  for (std::size_t i = 2; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  return length;
}

}  // namespace

std::string without_controls(std::string_view text) {
  std::string line;
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    const std::string_view character = text.substr(0, std::max<std::size_t>(length, 1));
    if (is_control(character)) {
      for (const char byte : character) line += escaped(byte);
    } else {
      line += character;
    }
    text.remove_prefix(character.size());
  }
  return line;
}

std::string one_line(std::string_view text) {
  std::string line = without_controls(text.substr(0, kLongest));
  if (text.size() > kLongest) line += "...";
  return line;
}

bool is_utf8(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::size_t length = utf8_length(bytes);
    if (length == 0) return false;
    bytes.remove_prefix(length);
  }
  return true;
}

bool is_bare_key(std::string_view text) {
  constexpr std::string_view kValid =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
  return !text.empty() && text.find_first_not_of(kValid) == std::string_view::npos;
}

std::string tsv_field(std::string_view text) {
  std::string field;
  for (const char c : text) {
    if (c == '\\') {
      field += "\\\\";
    } else if (c == '\n' || c == '\t' || c == '\r') {
      field += escaped(c);
    } else {
      field += c;
    }
  }
  return field;
}

std::string percent_encoded(std::string_view bytes) {
  std::string text;
  while (!bytes.empty()) {
    const std::size_t length = utf8_length(bytes);
    if (length == 0 || bytes[0] == '%' || is_control(bytes.substr(0, 1))) {
      text += fmt::format("%{:02X}", static_cast<unsigned char>(bytes[0]));
      bytes.remove_prefix(1);
    } else {
      text += bytes.substr(0, length);
      bytes.remove_prefix(length);
    }
  }
  return text;
}

std::string percent_decoded(std::string_view text) {
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned value = 0;
    const char* const digits = text.data() + i + 1;
    if (text[i] == '%' && text.size() - i > 2 &&
        std::from_chars(digits, digits + 2, value, 16).ptr == digits + 2) {
      bytes += static_cast<char>(value);
      i += 2;
    } else {
      bytes += text[i];
    }
  }
  return bytes;
}

std::string listed(std::span<const std::string> names, std::size_t at_most) {
  std::string text;
  for (const std::string& name : names.first(std::min(names.size(), at_most))) {
    if (!text.empty()) text += ", ";
    text += one_line(name);
  }
  if (names.size() > at_most) text += fmt::format(" and {} more", names.size() - at_most);
  return text;
}

}  // namespace sluice::io
