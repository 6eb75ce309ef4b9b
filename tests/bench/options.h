// Options of the benchmarks: whole numbers by name, and a folder.
#pragma once

#include <fmt/core.h>

#include <cstdlib>
#include <exception>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/error.h"

namespace sluice::bench {

struct NumberOption {
  std::string_view name;  // "--rounds"
  int* value;             // its default, and where the given one goes
};

inline std::string data_folder(std::string_view name) {
  const char* data = std::getenv("SLUICE_DATA");
  return std::string(data != nullptr ? data : "../shared/data") + "/" + std::string(name);
}

// Numbers lie between 1 and 4096. `folder`: for an argument without dashes; none: not taken. Throws
// Error{usage} for anything else, with what is valid.
inline void parse_options(std::span<char*> arguments, const std::vector<NumberOption>& numbers,
                          std::string* folder) {
  std::string valid;
  for (const NumberOption& option : numbers) valid += fmt::format("{} N, ", option.name);
  valid += folder != nullptr ? "a folder of JPEG files" : "nothing else";
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    const std::string_view name = arguments[i];
    if (folder != nullptr && !name.starts_with("--")) {
      *folder = name;
      continue;
    }
    int* value = nullptr;
    for (const NumberOption& option : numbers) {
      if (option.name == name) value = option.value;
    }
    require(value != nullptr && ++i < arguments.size(), "'{}': valid are {}", name, valid);
    *value = std::atoi(arguments[i]);
    require(*value >= 1 && *value <= 4096, "{} is '{}', it must be between 1 and 4096", name,
            arguments[i]);
  }
}

// The one catch of a benchmark.
inline int guarded(std::string_view program, const std::function<void()>& work) {
  try {
    work();
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}: {}\n", program, error.what());
    return 1;
  }
  return 0;
}

}  // namespace sluice::bench
