// Makes writes fail after some bytes, as on a full disk: the process's limit on file sizes.
#pragma once

#include <sys/resource.h>

#include <csignal>
#include <cstddef>

namespace sluice::io::test {

class FullDisk {
 public:
  explicit FullDisk(std::size_t bytes) {
    old_signal_ = std::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &old_);
    rlimit limit = old_;
    limit.rlim_cur = bytes;
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FullDisk() {
    ::setrlimit(RLIMIT_FSIZE, &old_);
    std::signal(SIGXFSZ, old_signal_);
  }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;

 private:
  rlimit old_{};
  void (*old_signal_)(int) = nullptr;
};

}  // namespace sluice::io::test
