// To be preloaded into a program: a disk that takes its time over JPEG files.
//   SLUICE_SLOW_DISK_MS=2.5         each read waits so long before its bytes come, as many at a
//   time
//                                   as there are threads that read (seek time)
//   SLUICE_SLOW_DISK_MB_PER_S=100   all reads together get so many million bytes a second
#include <dlfcn.h>
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdarg>
#include <cstdlib>
#include <mutex>
#include <string_view>
#include <thread>

namespace {

using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

constexpr std::size_t kFiles = 4096;
std::array<std::atomic<bool>, kFiles> is_jpeg{};  // by descriptor

double number_of(const char* name) {
  const char* text = std::getenv(name);
  return text == nullptr ? 0.0 : std::atof(text);
}

template <class Call>
Call next(const char* name) {
  return reinterpret_cast<Call>(dlsym(RTLD_NEXT, name));
}

bool is_jpeg_name(std::string_view path) {
  for (const std::string_view end : {".jpg", ".jpeg", ".JPG", ".JPEG"}) {
    if (path.ends_with(end)) return true;
  }
  return false;
}

int opened(int file, std::string_view path) {
  if (file >= 0 && static_cast<std::size_t>(file) < kFiles)
    is_jpeg[static_cast<std::size_t>(file)] = is_jpeg_name(path);
  return file;
}

// Bytes of all reads go one after the other through the same channel.
void wait_for_channel(double bytes) {
  static const double per_second = 1e6 * number_of("SLUICE_SLOW_DISK_MB_PER_S");
  if (per_second <= 0.0) return;
  static std::mutex mutex;
  static Clock::time_point free_at;
  Clock::time_point done;
  {
    const std::lock_guard lock(mutex);
    const auto now = Clock::now();
    if (free_at < now) free_at = now;
    free_at += std::chrono::duration_cast<Clock::duration>(Seconds(bytes / per_second));
    done = free_at;
  }
  std::this_thread::sleep_until(done);
}

}  // namespace

extern "C" {

int openat(int folder, const char* path, int flags, ...) {
  static const auto real = next<int (*)(int, const char*, int, ...)>("openat");
  va_list rest;
  va_start(rest, flags);
  const auto mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(rest, mode_t) : mode_t{0};
  va_end(rest);
  return opened(real(folder, path, flags, mode), path);
}

int open(const char* path, int flags, ...) {
  static const auto real = next<int (*)(const char*, int, ...)>("open");
  va_list rest;
  va_start(rest, flags);
  const auto mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(rest, mode_t) : mode_t{0};
  va_end(rest);
  return opened(real(path, flags, mode), path);
}

ssize_t read(int file, void* to, size_t count) {
  static const auto real = next<ssize_t (*)(int, void*, size_t)>("read");
  static const Seconds seek(1e-3 * number_of("SLUICE_SLOW_DISK_MS"));
  const bool slow = file >= 0 && static_cast<std::size_t>(file) < kFiles &&
                    is_jpeg[static_cast<std::size_t>(file)];
  if (slow && seek.count() > 0.0) std::this_thread::sleep_for(seek);
  if (slow) wait_for_channel(static_cast<double>(count));
  return real(file, to, count);
}

}  // extern "C"
