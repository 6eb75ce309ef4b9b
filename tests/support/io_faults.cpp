// To be preloaded into a program: file calls that fail, transfer less, are interrupted, or kill.
//   SLUICE_TEST_FAULT="fsync:checkpoints:2:EIO;write:/steps.csv$:1+:ENOSPC"
// Rules are separated by ';', their fields by ':':
//   call    open read pread write pwrite fsync fdatasync rename close ftruncate unlink mkdir
//   path    a part of the file's path; with '$' behind it, its end; empty: every file
//   which   "2" the second call that fits, "2+" that and all behind it, "%3" every third
//   what    an errno's name, SHORT (half of the bytes), KILL (SIGKILL before the call), or WAIT
//           (until SLUICE_TEST_FAULT_RELEASE=FILE exists)
//   SLUICE_TEST_FAULT_REPORT=FILE   each fault that struck, a line "call what path"
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <climits>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <string>
#include <string_view>
#include <utility>

namespace {

enum class What { fail, half, kill, wait };

struct Rule {
  std::string call, part;
  bool at_end = false;
  long first = 0, last = LONG_MAX, every = 1;
  What what = What::fail;
  int number = 0;  // errno
  std::string words;
  std::atomic<long> seen = 0;

  bool fits(std::string_view name, std::string_view path) const {
    return call == name &&
           (at_end ? path.ends_with(part) : path.find(part) != std::string_view::npos);
  }
  bool strikes() {
    const long now = ++seen;
    return now >= first && now <= last && now % every == 0;
  }
};

constexpr std::array<std::pair<std::string_view, int>, 9> kErrors{{{"EIO", EIO},
                                                                   {"ENOSPC", ENOSPC},
                                                                   {"EDQUOT", EDQUOT},
                                                                   {"EINTR", EINTR},
                                                                   {"EACCES", EACCES},
                                                                   {"EROFS", EROFS},
                                                                   {"EMFILE", EMFILE},
                                                                   {"ENOENT", ENOENT},
                                                                   {"EINVAL", EINVAL}}};

[[noreturn]] void mistake(const std::string& rule) {
  std::fprintf(stderr, "io_faults: '%s' is no rule\n", rule.c_str());
  std::_Exit(99);
}

std::string take(std::string& text, char end) {
  const std::size_t at = std::min(text.find(end), text.size());
  std::string field = text.substr(0, at);
  text.erase(0, at + 1);
  return field;
}

void set_which(Rule& rule, const std::string& which) {
  if (which.starts_with('%')) {
    rule.every = std::atol(which.c_str() + 1);
  } else {
    rule.first = std::atol(which.c_str());
    if (!which.ends_with('+')) rule.last = rule.first;
  }
}

void set_what(Rule& rule, const std::string& text) {
  if (rule.words == "SHORT") rule.what = What::half;
  if (rule.words == "KILL") rule.what = What::kill;
  if (rule.words == "WAIT") rule.what = What::wait;
  if (rule.what != What::fail) return;
  for (const auto& [name, number] : kErrors) {
    if (rule.words == name) rule.number = number;
  }
  if (rule.number == 0 || rule.every < 1) mistake(text);
}

void add_rule(std::deque<Rule>& rules, const std::string& text) {
  std::string rest = text;
  Rule& rule = rules.emplace_back();
  rule.call = take(rest, ':');
  rule.part = take(rest, ':');
  rule.at_end = rule.part.ends_with('$');
  if (rule.at_end) rule.part.pop_back();
  set_which(rule, take(rest, ':'));
  rule.words = rest;
  set_what(rule, text);
}

std::deque<Rule>& rules() {
  static std::deque<Rule> all = [] {
    std::deque<Rule> parsed;
    const char* text = std::getenv("SLUICE_TEST_FAULT");
    std::string rest = text == nullptr ? "" : text;
    while (!rest.empty()) add_rule(parsed, take(rest, ';'));
    return parsed;
  }();
  return all;
}

void report(const Rule& rule, std::string_view path) {
  static const char* const file = std::getenv("SLUICE_TEST_FAULT_REPORT");
  if (file == nullptr) return;
  const std::string line = rule.call + " " + rule.words + " " + std::string(path) + "\n";
  const long to = syscall(SYS_openat, AT_FDCWD, file, O_WRONLY | O_CREAT | O_APPEND, 0666);
  syscall(SYS_write, to, line.data(), line.size());
  syscall(SYS_close, to);
}

void wait_for_release() {
  const char* file = std::getenv("SLUICE_TEST_FAULT_RELEASE");
  while (file != nullptr && access(file, F_OK) != 0) usleep(2000);
}

// The rule that strikes this call; none, or one that only waits: nullptr.
const Rule* struck(std::string_view call, std::string_view path) {
  for (Rule& rule : rules()) {
    if (!rule.fits(call, path) || !rule.strikes()) continue;
    report(rule, path);
    if (rule.what == What::kill) kill(getpid(), SIGKILL);
    if (rule.what == What::wait) {
      wait_for_release();
      continue;
    }
    return &rule;
  }
  return nullptr;
}

const Rule* struck(std::string_view call, int file) {
  if (rules().empty()) return nullptr;
  const int before = errno;
  std::array<char, 64> link{};
  std::snprintf(link.data(), link.size(), "/proc/self/fd/%d", file);
  std::array<char, PATH_MAX> path{};
  const ssize_t length = readlink(link.data(), path.data(), path.size());
  errno = before;
  if (length < 0) return nullptr;
  return struck(call, std::string_view(path.data(), static_cast<std::size_t>(length)));
}

// The call that this library stands before.
template <class Function>
Function* real(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

int failed(const Rule& rule) {
  errno = rule.number;
  return -1;
}

// A call that moves `bytes`: what the rule leaves of them, or -1.
template <class Move>
ssize_t moved(const char* call, int file, std::size_t bytes, const Move& move) {
  const Rule* rule = struck(call, file);
  if (rule == nullptr) return move(bytes);
  if (rule->what == What::half) return move(bytes < 2 ? bytes : bytes / 2);
  return failed(*rule);
}

template <class Call>
int done(const Rule* rule, const Call& call) {
  return rule == nullptr ? call() : failed(*rule);
}

mode_t mode_of(int flags, va_list arguments) {
  return (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(arguments, mode_t) : 0;
}

int opened(int folder, const char* path, int flags, mode_t mode) {
  using OpenAt = int(int, const char*, int, ...);
  static OpenAt* const next = real<OpenAt>("openat");
  return done(struck("open", path), [&] { return next(folder, path, flags, mode); });
}

}  // namespace

extern "C" {

int open(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = mode_of(flags, arguments);
  va_end(arguments);
  return opened(AT_FDCWD, path, flags, mode);
}

int open64(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = mode_of(flags, arguments);
  va_end(arguments);
  return opened(AT_FDCWD, path, flags, mode);
}

int openat(int folder, const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = mode_of(flags, arguments);
  va_end(arguments);
  return opened(folder, path, flags, mode);
}

int openat64(int folder, const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = mode_of(flags, arguments);
  va_end(arguments);
  return opened(folder, path, flags, mode);
}

ssize_t read(int file, void* to, std::size_t bytes) {
  static auto* const next = real<decltype(read)>("read");
  return moved("read", file, bytes, [&](std::size_t part) { return next(file, to, part); });
}

ssize_t pread(int file, void* to, std::size_t bytes, off_t offset) {
  static auto* const next = real<decltype(pread)>("pread");
  return moved("pread", file, bytes,
               [&](std::size_t part) { return next(file, to, part, offset); });
}

ssize_t pread64(int file, void* to, std::size_t bytes, off64_t offset) {
  static auto* const next = real<decltype(pread64)>("pread64");
  return moved("pread", file, bytes,
               [&](std::size_t part) { return next(file, to, part, offset); });
}

ssize_t write(int file, const void* from, std::size_t bytes) {
  static auto* const next = real<decltype(write)>("write");
  return moved("write", file, bytes, [&](std::size_t part) { return next(file, from, part); });
}

ssize_t pwrite(int file, const void* from, std::size_t bytes, off_t offset) {
  static auto* const next = real<decltype(pwrite)>("pwrite");
  return moved("pwrite", file, bytes,
               [&](std::size_t part) { return next(file, from, part, offset); });
}

ssize_t pwrite64(int file, const void* from, std::size_t bytes, off64_t offset) {
  static auto* const next = real<decltype(pwrite64)>("pwrite64");
  return moved("pwrite", file, bytes,
               [&](std::size_t part) { return next(file, from, part, offset); });
}

int fsync(int file) {
  static auto* const next = real<decltype(fsync)>("fsync");
  return done(struck("fsync", file), [&] { return next(file); });
}

int fdatasync(int file) {
  static auto* const next = real<decltype(fdatasync)>("fdatasync");
  return done(struck("fdatasync", file), [&] { return next(file); });
}

// As the kernel does: the file is closed also where the call fails.
int close(int file) {
  static auto* const next = real<decltype(close)>("close");
  const Rule* rule = struck("close", file);
  const int status = next(file);
  return done(rule, [status] { return status; });
}

int ftruncate(int file, off_t bytes) noexcept {
  using Truncate = int(int, off_t);
  static auto* const next = real<Truncate>("ftruncate");
  return done(struck("ftruncate", file), [&] { return next(file, bytes); });
}

int ftruncate64(int file, off64_t bytes) noexcept {
  using Truncate = int(int, off64_t);
  static auto* const next = real<Truncate>("ftruncate64");
  return done(struck("ftruncate", file), [&] { return next(file, bytes); });
}

int rename(const char* from, const char* to) noexcept {
  using Rename = int(const char*, const char*);
  static auto* const next = real<Rename>("rename");
  return done(struck("rename", to), [&] { return next(from, to); });
}

int unlink(const char* path) noexcept {
  using Unlink = int(const char*);
  static auto* const next = real<Unlink>("unlink");
  return done(struck("unlink", path), [&] { return next(path); });
}

int remove(const char* path) noexcept {
  using Remove = int(const char*);
  static auto* const next = real<Remove>("remove");
  return done(struck("unlink", path), [&] { return next(path); });
}

int mkdir(const char* path, mode_t mode) noexcept {
  using MakeFolder = int(const char*, mode_t);
  static auto* const next = real<MakeFolder>("mkdir");
  return done(struck("mkdir", path), [&] { return next(path, mode); });
}

}  // extern "C"
