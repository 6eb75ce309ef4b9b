#include "io/read_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "io/descriptor.h"

namespace sluice::io {
namespace {

ItemError system_error(const char* what, int number) {
  return {fmt::format("cannot {}: {}", what, std::strerror(number))};
}

Result<std::size_t> regular_size(const struct stat& status) {
  if (S_ISDIR(status.st_mode)) return ItemError{"is a folder, not a file"};
  if (!S_ISREG(status.st_mode)) return ItemError{"is not a regular file"};
  return static_cast<std::size_t>(status.st_size);
}

}  // namespace

Result<std::size_t> file_bytes(const std::filesystem::path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return system_error("open", errno);
  return regular_size(status);
}

Result<> read_file(const std::filesystem::path& path, std::span<std::byte> to) {
  // O_NONBLOCK: opening a pipe must not wait for its writer.
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.open()) return system_error("open", errno);
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) return system_error("open", errno);
  const auto size = regular_size(status);
  if (!size.ok()) return size.error();
  if (size.value() != to.size()) {
    return ItemError{
        fmt::format("changed while running: {} bytes, was {}", size.value(), to.size())};
  }
  ::posix_fadvise(file.get(), 0, 0, POSIX_FADV_SEQUENTIAL);  // a hint; its failure is none

  std::size_t done = 0;
  while (done < to.size()) {
    const ssize_t got = ::read(file.get(), to.data() + done, to.size() - done);
    if (got < 0 && errno == EINTR) continue;
    const auto offset = static_cast<std::int64_t>(done);
    if (got < 0) return ItemError{fmt::format("cannot read: {}", std::strerror(errno)), offset};
    if (got == 0) return ItemError{"changed while running: it became shorter", offset};
    done += static_cast<std::size_t>(got);
  }
  return Ok{};
}

}  // namespace sluice::io
