#include "io/line_log.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "io/atomic_file.h"
#include "io/text.h"
#include "runtime/error.h"

namespace sluice::io {
namespace {

// A link in a folder must not lead a writer out of it.
constexpr int kHow = O_APPEND | O_CLOEXEC | O_NOFOLLOW;

bool ends_with_newline(int file, std::uint64_t bytes) {
  if (bytes == 0) return false;
  char last = 0;
  ssize_t got = 0;
  do {
    got = ::pread(file, &last, 1, static_cast<off_t>(bytes - 1));
  } while (got < 0 && errno == EINTR);
  return got == 1 && last == '\n';
}

}  // namespace

LineLog::LineLog(std::filesystem::path path, std::string_view header)
    : path_(std::move(path)),
      file_(::open(path_.c_str(), kHow | O_WRONLY | O_CREAT | O_TRUNC, 0666)) {
  if (!file_.open()) fail_with(errno);
  add(header);
}

LineLog::LineLog(std::filesystem::path path, Kept kept)
    : path_(std::move(path)), file_(::open(path_.c_str(), kHow | O_RDWR)) {
  struct stat status {};
  if (!file_.open() || ::fstat(file_.get(), &status) != 0) {
    const int number = errno;
    fail(ErrorKind::run, "cannot open {}: {}", one_line(path_.string()), std::strerror(number));
  }
  const bool whole = static_cast<std::uint64_t>(status.st_size) >= kept.bytes &&
                     ends_with_newline(file_.get(), kept.bytes);
  if (!whole) {
    fail(ErrorKind::run,
         "{} was changed since the checkpoint; put it back as it was, or give another --out",
         one_line(path_.string()));
  }
  if (::ftruncate(file_.get(), static_cast<off_t>(kept.bytes)) != 0) fail_with(errno);
  bytes_ = kept.bytes;
}

void LineLog::add(std::string_view line) {
  std::string text(line);
  text += '\n';
  const std::lock_guard lock(mutex_);
  const int number = write_fully(file_.get(), std::as_bytes(std::span(text)));
  if (number != 0) fail_with(number);
  bytes_ += text.size();
}

std::uint64_t LineLog::bytes() const {
  const std::lock_guard lock(mutex_);
  return bytes_;
}

void LineLog::sync() {
  // EINVAL, EROFS: something that cannot be synced, as a pipe.
  if (::fdatasync(file_.get()) != 0 && errno != EINVAL && errno != EROFS) fail_with(errno);
}

void LineLog::fail_with(int number) const {
  fail(ErrorKind::run, "cannot write {}: {}", one_line(path_.string()), std::strerror(number));
}

}  // namespace sluice::io
