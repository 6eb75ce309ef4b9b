// What fuzz targets of tensor files share: the net of their seeds, and repairs that let an input past
// checks which no mutation would survive.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "runtime/net/net.h"

namespace sluice::fuzz {

inline constexpr std::size_t kLengthBytes = 8;

// Two inputs, two outputs.
inline Net tiny_net() {
  return {.name = "tiny",
          .variant = "fuzz",
          .channels = 2,
          .side = 1,
          .layers = {{.name = "fc", .spec = FullyConnected{2}, .start = {}, .file_name = "fc"},
                     {.name = "loss", .spec = SoftmaxLoss{}, .start = {}, .file_name = ""}}};
}

// Where the JSON object that `text` starts with ends; its size where it does not end.
inline std::size_t object_end(std::string_view text) {
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (quoted && text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      quoted = !quoted;
    } else if (!quoted && text[i] == '{') {
      ++depth;
    } else if (!quoted && text[i] == '}' && --depth <= 0) {
      return i + 1;
    }
  }
  return text.size();
}

// With the length of the header that follows, spaces behind it included. `content` is longer than
// kLengthBytes.
inline std::string with_right_length(std::string_view content) {
  std::string file(content);
  std::size_t length = object_end(content.substr(kLengthBytes));
  while (length % kLengthBytes != 0 && kLengthBytes + length < content.size() &&
         content[kLengthBytes + length] == ' ')
    ++length;
  const std::uint64_t bytes = length;
  std::memcpy(file.data(), &bytes, sizeof bytes);
  return file;
}

}  // namespace sluice::fuzz
