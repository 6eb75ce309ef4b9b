// A text file that grows by whole lines while a run goes on, so that what happened is on disk when
// it ends in any way. Any thread; a line is one write.
#pragma once

#include <filesystem>
#include <mutex>
#include <string>
#include <string_view>

#include "io/descriptor.h"

namespace sluice::io {

class LineLog {
 public:
  // Starts the file anew with a header line. Failures here and in `add` are Error{run} that names
  // the file and the reason.
  LineLog(std::filesystem::path path, std::string_view header);

  // `line` without its newline.
  void add(std::string_view line);

 private:
  const std::filesystem::path path_;
  std::mutex mutex_;
  Descriptor file_;
};

}  // namespace sluice::io
