// A file that is read in places, in any order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "io/descriptor.h"
#include "runtime/error.h"

namespace sluice::io {

// A file that cannot even be opened: not there, not allowed, too many open files. It says nothing
// of what the file holds.
class CannotOpen : public Error {
 public:
  using Error::Error;
};

// A regular file, open as long as the object lives (links followed). Any thread may read. Every
// failure is Error{usage} that names the file.
class InputFile {
 public:
  // `valid`: what the file should be, for the message about a folder: "a .safetensors file".
  InputFile(const std::filesystem::path& path, std::string_view valid);

  const std::string& name() const { return name_; }  // one line, for messages
  std::uint64_t size() const { return size_; }       // when it was opened
  // Fills `to`, or fails: a file that ends before.
  void read_at(std::uint64_t offset, std::span<std::byte> to) const;

 private:
  std::string name_;
  Descriptor file_;
  std::uint64_t size_ = 0;
};

}  // namespace sluice::io
