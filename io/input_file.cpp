#include "io/input_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "io/text.h"

namespace sluice::io {

InputFile::InputFile(const std::filesystem::path& path, std::string_view valid)
    : name_(one_line(path.string())),
      file_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {
  if (!file_.open()) {
    const int number = errno;
    throw CannotOpen(ErrorKind::usage,
                     fmt::format("cannot open {}: {}", name_, std::strerror(number)));
  }
  struct stat status {};
  require(::fstat(file_.get(), &status) == 0 && S_ISREG(status.st_mode),
          "{} is not a file; valid: {}", name_, valid);
  size_ = static_cast<std::uint64_t>(status.st_size);
}

void InputFile::read_at(std::uint64_t offset, std::span<std::byte> to) const {
  while (!to.empty()) {
    const ssize_t got = ::pread(file_.get(), to.data(), to.size(), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    require(got >= 0, "cannot read {}: {}", name_, std::strerror(errno));
    require(got > 0, "cannot read {}: it became shorter", name_);
    to = to.subspan(static_cast<std::size_t>(got));
    offset += static_cast<std::uint64_t>(got);
  }
}

}  // namespace sluice::io
