// Private to the safetensors files: the checksum that their metadata carry.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace sluice::io {

inline constexpr std::string_view kChecksumKey = "sluice.checksum";
inline constexpr std::string_view kNoChecksum = "0000000000000000";  // while it is being computed

// XXH3 (64 bits) over all parts that were added, as sixteen hexadecimal digits. One thread.
class FileChecksum {
 public:
  FileChecksum();
  ~FileChecksum();
  FileChecksum(const FileChecksum&) = delete;
  FileChecksum& operator=(const FileChecksum&) = delete;

  void add(std::span<const std::byte> bytes);
  std::string text() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Where in a header's JSON the sixteen digits stand; none: it has no checksum of that length.
// Inside a JSON text quotes are escaped, so that the key cannot be mistaken.
std::optional<std::size_t> checksum_digits(std::string_view header);

}  // namespace sluice::io
