#include "io/line_log.h"

#include <fcntl.h>

#include <cerrno>
#include <cstring>

#include "io/atomic_file.h"
#include "io/text.h"
#include "runtime/error.h"

namespace sluice::io {

LineLog::LineLog(std::filesystem::path path, std::string_view header)
    : path_(std::move(path)),
      file_(::open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0666)) {
  if (!file_.open()) {
    fail(ErrorKind::run, "cannot write {}: {}", one_line(path_.string()), std::strerror(errno));
  }
  add(header);
}

void LineLog::add(std::string_view line) {
  std::string text(line);
  text += '\n';
  const std::lock_guard lock(mutex_);
  const int number = write_fully(file_.get(), std::as_bytes(std::span(text)));
  if (number == 0) return;
  fail(ErrorKind::run, "cannot write {}: {}", one_line(path_.string()), std::strerror(number));
}

}  // namespace sluice::io
