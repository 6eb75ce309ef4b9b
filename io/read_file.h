// Whole files into memory that the caller has reserved. Failures are values: a file that vanishes
// makes its record bad, not the run. Any thread.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>

#include "runtime/error.h"

namespace sluice::io {

// Bytes of a regular file (links followed).
Result<std::size_t> file_bytes(const std::filesystem::path& path);

// Fills `to`, which must have the file's size; another size now is an error that says both.
Result<> read_file(const std::filesystem::path& path, std::span<std::byte> to);

}  // namespace sluice::io
