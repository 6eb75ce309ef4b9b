// What fuzz targets check with: a broken property ends the program, and libFuzzer keeps the input.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "runtime/error.h"

namespace sluice::fuzz {

// Prints `property` and aborts when it does not hold. `detail` says what was found instead.
void must(bool holds, std::string_view property, std::string_view detail = {});

// Every message of ours is one line without control characters.
void must_be_one_line(std::string_view message);

// Runs a reader. False: it refused its input with Error{usage} and a message of one line, which is
// a right answer. Any other exception goes on and ends the program.
template <class Action>
bool accepted(Action&& action) {
  try {
    action();
    return true;
  } catch (const Error& error) {
    must(error.kind() == ErrorKind::usage, "a bad input is a usage error", error.what());
    must_be_one_line(error.what());
    return false;
  }
}

inline std::string_view text_of(std::span<const std::uint8_t> input) {
  return {reinterpret_cast<const char*>(input.data()), input.size()};
}

// Choices that follow from the input alone, so that an input stays a plain file of its format and a
// finding can be repeated.
class Choices {
 public:
  explicit Choices(std::span<const std::uint8_t> input);
  // 0 to `end` - 1.
  int below(int end);

 private:
  std::uint64_t state_;
};

}  // namespace sluice::fuzz
