#include "io/atomic_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <system_error>
#include <utility>

#include "io/text.h"
#include "runtime/error.h"

namespace sluice::io {
namespace {

std::filesystem::path folder_of(const std::filesystem::path& path) {
  return path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
}

}  // namespace

int write_fully(int descriptor, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t done = ::write(descriptor, bytes.data(), bytes.size());
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) return errno;
    bytes = bytes.subspan(static_cast<std::size_t>(done));
  }
  return 0;
}

AtomicFile::AtomicFile(std::filesystem::path path) : path_(std::move(path)), partial_(path_) {
  partial_ += fmt::format(".{}.partial", ::getpid());
  file_ = Descriptor(::open(partial_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
  if (!file_.open()) fail_with(errno);
  ::flock(file_.get(), LOCK_EX | LOCK_NB);  // says that somebody is writing; no more
}

AtomicFile::~AtomicFile() {
  if (!committed_) ::unlink(partial_.c_str());
}

void AtomicFile::write(std::span<const std::byte> bytes) {
  if (const int number = write_fully(file_.get(), bytes); number != 0) fail_with(number);
}

void AtomicFile::write(std::string_view text) { write(std::as_bytes(std::span(text))); }

void AtomicFile::overwrite(std::uint64_t offset, std::string_view text) {
  while (!text.empty()) {
    const ssize_t done =
        ::pwrite(file_.get(), text.data(), text.size(), static_cast<off_t>(offset));
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) fail_with(errno);
    text.remove_prefix(static_cast<std::size_t>(done));
    offset += static_cast<std::uint64_t>(done);
  }
}

void AtomicFile::commit() {
  if (::fsync(file_.get()) != 0) fail_with(errno);
  if (file_.close() != 0) fail_with(errno);
  if (::rename(partial_.c_str(), path_.c_str()) != 0) fail_with(errno);
  committed_ = true;
  const Descriptor folder(::open(folder_of(path_).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  // Some file systems cannot sync a folder (EINVAL); the file itself is safe by then.
  if (folder.open() && ::fsync(folder.get()) != 0 && errno != EINVAL) {
    fail(ErrorKind::run, "{} is written, but its folder cannot be synced: {}",
         one_line(path_.string()), std::strerror(errno));
  }
}

void AtomicFile::fail_with(int number) const {
  fail(ErrorKind::run, "cannot write {}: {}; nothing was left under that name",
       one_line(path_.string()), std::strerror(number));
}

namespace {

// NAME.PID.partial: of ours, and of nobody else.
bool is_partial(const std::filesystem::path& file) {
  const std::string name = file.stem().string();  // NAME.PID
  const std::size_t dot = name.rfind('.');
  return file.extension() == ".partial" && dot != std::string::npos && dot + 1 < name.size() &&
         name.find_first_not_of("0123456789", dot + 1) == std::string::npos;
}

}  // namespace

void remove_partial_files(const std::filesystem::path& folder) {
  std::error_code none;  // what cannot be removed is in nobody's way
  for (const auto& file : std::filesystem::directory_iterator(folder, none)) {
    if (is_partial(file.path())) std::filesystem::remove(file.path(), none);
  }
}

void remove_abandoned_files(const std::filesystem::path& folder) {
  const auto young = std::filesystem::file_time_type::clock::now() - std::chrono::minutes(1);
  std::error_code none;
  for (const auto& file : std::filesystem::directory_iterator(folder, none)) {
    if (!is_partial(file.path()) || file.last_write_time(none) > young) continue;
    const Descriptor opened(::open(file.path().c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (opened.open() && ::flock(opened.get(), LOCK_EX | LOCK_NB) == 0)
      std::filesystem::remove(file.path(), none);
  }
}

void write_text_file(const std::filesystem::path& path, std::string_view text) {
  AtomicFile file(path);
  file.write(text);
  file.commit();
}

}  // namespace sluice::io
