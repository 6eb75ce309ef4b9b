// MNIST's idx files: an array of bytes behind its sizes, plain or gzipped.
//
// A file is two zero bytes, 08 (unsigned bytes), the number of sizes, each size in four bytes with
// the largest digit first, then the values, the last index fastest. Source: the description beside
// the files (LeCun, Cortes, Burges: The MNIST database of handwritten digits).
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>
#include <vector>

namespace sluice::io {

// The array in memory, as large as its file says; a value.
struct IdxArray {
  std::vector<std::uint32_t> sizes;
  std::vector<std::byte> file;  // inflated, with its header

  std::size_t header_bytes() const { return 4 + 4 * sizes.size(); }
  std::span<const std::byte> values() const { return std::span(file).subspan(header_bytes()); }
};

// What a file's sizes are checked against before memory is taken for them.
struct IdxLimits {
  std::size_t most_bytes = std::size_t{1} << 30;  // of the file, as it lies there and inflated
};

// `file` is the whole file; `name` stands for it in messages. Throws Error{usage} in one line
// unless it is an array of bytes with `dimensions` sizes, none of them zero, and ends with its last
// value. Any thread.
IdxArray parse_idx(std::string_view name, std::vector<std::byte> file, std::size_t dimensions,
                   const IdxLimits& limits = {});

// The same from a disk; a file that cannot be read is Error{usage} too.
IdxArray read_idx(const std::filesystem::path& path, std::size_t dimensions,
                  const IdxLimits& limits = {});

}  // namespace sluice::io
