// How things go wrong, in three forms (the guide: one module, one catch in main):
//  * a caller's or user's mistake and everything that stops a run is an `Error`, thrown;
//  * a bad item (a corrupt JPEG, a vanished file) is an `ItemError`, a value that travels with its
//    record to the end of the pipeline;
//  * a broken promise inside a hot loop is an `assert`.
#pragma once

#include <fmt/core.h>

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace sluice {

// What the caller can do about it; the value is the process's exit status.
enum class ErrorKind : int {
  run = 1,            // the run failed: a device, a disk, too many bad files
  usage = 2,          // anything that can be known before the first batch
  interrupted = 130,  // the user asked to stop, and everything was put in order
};

// Control characters as \xNN.
inline std::string on_one_line(std::string_view text) {
  std::string line;
  for (const char c : text) {
    const auto code = static_cast<unsigned char>(c);
    line += code < 0x20 || code == 0x7F ? fmt::format("\\x{:02x}", code) : std::string(1, c);
  }
  return line;
}

// A failure that ends the run, in one line that names the thing and what would be valid. Whatever
// it quotes (a key or a name that somebody else wrote), it stays one line.
class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, std::string_view text)
      : std::runtime_error(on_one_line(text)), kind_(kind) {}
  ErrorKind kind() const { return kind_; }

 private:
  ErrorKind kind_;
};

// Several faults that were found together, one line each. `what()` has them all in one.
class Faults : public Error {
 public:
  Faults(ErrorKind kind, std::vector<std::string> lines)
      : Error(kind, joined(lines)), lines_(std::move(lines)) {
    for (std::string& line : lines_) line = on_one_line(line);
  }
  const std::vector<std::string>& lines() const { return lines_; }

 private:
  static std::string joined(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines) text += (text.empty() ? "" : " | ") + line;
    return text;
  }
  std::vector<std::string> lines_;
};

// Throws Error{usage} when `condition` is false. The text is formatted only then.
template <class... Args>
void require(bool condition, fmt::format_string<Args...> text, Args&&... args) {
  if (!condition) throw Error(ErrorKind::usage, fmt::format(text, std::forward<Args>(args)...));
}

template <class... Args>
[[noreturn]] void fail(ErrorKind kind, fmt::format_string<Args...> text, Args&&... args) {
  throw Error(kind, fmt::format(text, std::forward<Args>(args)...));
}

// Why one item is bad. The path stands in the item's record.
struct ItemError {
  std::string message;
  std::int64_t byte_offset = -1;  // in the file; -1: no single place

  friend bool operator==(const ItemError&, const ItemError&) = default;
};

struct Ok {
  friend bool operator==(Ok, Ok) = default;
};

// A value or the reason why there is none.
template <class T = Ok>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::move(value)) {}          // NOLINT: a value is a result
  Result(ItemError error) : state_(std::move(error)) {}  // NOLINT: so is a reason

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }
  T& value() { return std::get<0>(state_); }
  const T& value() const { return std::get<0>(state_); }
  ItemError& error() { return std::get<1>(state_); }
  const ItemError& error() const { return std::get<1>(state_); }

 private:
  std::variant<T, ItemError> state_;
};

}  // namespace sluice
