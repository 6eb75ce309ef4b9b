// A text file that grows by whole lines while a run goes on, so that what happened is on disk when
// it ends in any way. Any thread; a line is one write.
#pragma once

#include <cstdint>
#include <filesystem>
#include <mutex>
#include <string>
#include <string_view>

#include "io/descriptor.h"

namespace sluice::io {

// Every failure is Error{run} that names the file and the reason.
class LineLog {
 public:
  // How much of a file that is there stays: so many bytes, whole lines.
  struct Kept {
    std::uint64_t bytes = 0;
  };

  // Starts the file anew with a header line.
  LineLog(std::filesystem::path path, std::string_view header);
  // Goes on behind what is kept and cuts off the rest. A file that is shorter, or whose kept part
  // does not end with a line, was changed by somebody: an error.
  LineLog(std::filesystem::path path, Kept kept);

  // `line` without its newline.
  void add(std::string_view line);
  // Of all lines so far.
  std::uint64_t bytes() const;
  // Waits until they are on the disk.
  void sync();

 private:
  [[noreturn]] void fail_with(int number) const;

  const std::filesystem::path path_;
  mutable std::mutex mutex_;
  Descriptor file_;
  std::uint64_t bytes_ = 0;
};

}  // namespace sluice::io
