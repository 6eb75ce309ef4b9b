// Whole files into memory that the caller has reserved. Failures are values: a file that vanishes
// makes its record bad, not the run. Any thread.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string_view>

#include "io/descriptor.h"
#include "runtime/error.h"

namespace sluice::io {

// Bytes of a regular file (links followed).
Result<std::size_t> file_bytes(const std::filesystem::path& path);

// Fills `to`, which must have the file's size; another size now is an error that says both.
Result<> read_file(const std::filesystem::path& path, std::span<std::byte> to);

// A folder to read from with the function below. Throws Error{usage} when it cannot be opened. An
// empty path is the current folder.
Descriptor open_folder(const std::filesystem::path& path);

// The same for a path below an open folder (an absolute one stays what it is), without allocating
// anything unless it fails: for reading image after image. `path` need not end in NUL.
Result<> read_file(const Descriptor& folder, std::string_view path, std::span<std::byte> to);

}  // namespace sluice::io
