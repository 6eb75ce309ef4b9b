#include "tests/fuzz/tensor_input.h"

#include <cstdint>
#include <cstring>

namespace sluice::fuzz {
namespace {

// Where the JSON object that `text` starts with ends; its size where it does not end.
std::size_t object_end(std::string_view text) {
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

}  // namespace

Net tiny_net() {
  return {.name = "tiny",
          .variant = "fuzz",
          .channels = 2,
          .side = 1,
          .layers = {{.name = "fc", .spec = FullyConnected{2}, .start = {}, .file_name = "fc"},
                     {.name = "loss", .spec = SoftmaxLoss{}, .start = {}, .file_name = ""}}};
}

std::string with_right_length(std::string_view content) {
  std::string file(content);
  if (file.size() <= kLengthBytes) return file;
  const std::uint64_t length = object_end(content.substr(kLengthBytes));
  std::memcpy(file.data(), &length, sizeof length);
  return file;
}

}  // namespace sluice::fuzz
