#include "io/read_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstring>

#include "io/text.h"

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

// O_NONBLOCK: opening a pipe must not wait for its writer.
constexpr int kHowToOpen = O_RDONLY | O_CLOEXEC | O_NONBLOCK;

// errno still tells why when `file` is not open.
Result<> read_open_file(const Descriptor& file, std::span<std::byte> to) {
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

}  // namespace

Result<std::size_t> file_bytes(const std::filesystem::path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return system_error("open", errno);
  return regular_size(status);
}

Result<> read_file(const std::filesystem::path& path, std::span<std::byte> to) {
  return read_open_file(Descriptor(::open(path.c_str(), kHowToOpen)), to);
}

Descriptor open_folder(const std::filesystem::path& path) {
  // O_PATH: files below a folder may be read by who may not list it.
  Descriptor folder(::open(path.empty() ? "." : path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  const int number = errno;
  require(folder.open(), "the folder {} cannot be opened: {}", one_line(path.string()),
          std::strerror(number));
  return folder;
}

Result<> read_file(const Descriptor& folder, std::string_view path, std::span<std::byte> to) {
  std::array<char, PATH_MAX> name;  // NUL-terminated, on the stack
  if (path.size() >= name.size()) return system_error("open", ENAMETOOLONG);
  name[path.copy(name.data(), path.size())] = '\0';
  return read_open_file(Descriptor(::openat(folder.get(), name.data(), kHowToOpen)), to);
}

}  // namespace sluice::io
