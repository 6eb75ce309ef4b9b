#include "tests/fuzz/property.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace sluice::fuzz {

void must(bool holds, std::string_view property, std::string_view detail) {
  if (holds) return;
  std::fprintf(stderr, "fuzz: broken property: %.*s", static_cast<int>(property.size()),
               property.data());
  if (!detail.empty())
    std::fprintf(stderr, ": %.*s", static_cast<int>(detail.size()), detail.data());
  std::fputc('\n', stderr);
  std::abort();
}

void must_be_one_line(std::string_view message) {
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
  must(!message.empty(), "a message says something");
  must(std::none_of(message.begin(), message.end(), is_control), "a message is one line", message);
}

// FNV-1a.
Choices::Choices(std::span<const std::uint8_t> input) : state_(0xCBF29CE484222325U) {
  for (const std::uint8_t byte : input) state_ = (state_ ^ byte) * 0x100000001B3U;
}

// SplitMix64.
int Choices::below(int end) {
  state_ += 0x9E3779B97F4A7C15U;
  std::uint64_t z = state_;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
  return static_cast<int>((z ^ (z >> 31)) % static_cast<std::uint64_t>(end));
}

}  // namespace sluice::fuzz
