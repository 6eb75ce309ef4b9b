// A folder of a test's own, gone afterwards; and the real data, where it is.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::io::test {

class TempFolder {
 public:
  TempFolder();
  ~TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(std::string_view name) const { return path_ / name; }
  // Writes a file below the folder, making its parents.
  std::filesystem::path add(std::string_view name, std::string_view content) const;

 private:
  std::filesystem::path path_;
};

std::vector<std::byte> bytes_of(const std::filesystem::path& path);
std::string text_of(const std::filesystem::path& path);

// SLUICE_DATA, or ../shared/data beside the checkout; none: no such folder.
std::optional<std::filesystem::path> real_data(std::string_view below);

// What `action` throws, as "KIND: text" ("2: ..."), or "nothing".
template <class Action>
std::string thrown(Action&& action);

}  // namespace sluice::io::test

#include "runtime/error.h"

template <class Action>
std::string sluice::io::test::thrown(Action&& action) {
  try {
    action();
  } catch (const Error& error) {
    return std::to_string(static_cast<int>(error.kind())) + ": " + error.what();
  }
  return "nothing";
}
