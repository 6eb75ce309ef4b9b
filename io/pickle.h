// Python's pickles as plain values, as far as a dictionary of tensors needs them. Nothing is ever
// executed: a function that a pickle calls is looked up in the caller's list, and the call becomes
// a value. An opcode or a name outside that is an error.
//
// Opcodes: CPython's Lib/pickletools.py, protocols 2 to 5.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::io {

struct PickleValue {
  enum class Kind : std::uint8_t {
    none,
    boolean,
    integer,
    real,
    text,
    tuple,
    list,
    dictionary,  // items: key, value, key, value, ...
    name,        // of a function or class, "collections OrderedDict"
    call,        // items: what was called, its arguments (a tuple)
    stored       // items: the name of something that lies outside of the pickle
  };
  Kind kind = Kind::none;
  std::int64_t integer = 0;  // boolean and integer
  double real = 0.0;
  std::string text{};                  // text and name; any bytes
  std::vector<std::uint32_t> items{};  // indices of values
};

// Values refer to one another by index, so that a value that holds itself is no danger.
struct Pickle {
  std::vector<PickleValue> values;
  std::uint32_t root = 0;

  const PickleValue& operator[](std::uint32_t index) const { return values[index]; }
};

inline constexpr std::size_t kMostPickleBytes = 16 << 20;
inline constexpr std::size_t kMostPickleValues = 1'000'000;

struct PickleSource {
  std::span<const std::byte> bytes;
  std::string_view file;                    // both for messages
  std::string_view valid;                   // what would be one: "a state dict of tensors"
  std::span<const std::string_view> names;  // that may occur, as "module name"
};

// Throws Error{usage} that names file, byte and what stands there. Calls of OrderedDict without
// arguments become dictionaries.
Pickle read_pickle(const PickleSource& source);

}  // namespace sluice::io
