// Looks at pipelines while they run: what was counted over time, and for who shows it.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "graph/pipeline.h"
#include "runtime/account.h"
#include "runtime/backend/backend.h"
#include "runtime/timeline.h"

namespace sluice::nodes {

// A pipeline of a run.
struct Watched {
  const graph::Pipeline* pipeline = nullptr;
  std::string prefix{};              // before its nodes' names in the account: "", "validation/"
  const Program* program = nullptr;  // whose device computes for it
};

// The account so far of all of them as one.
AccountRecord account_of(const std::vector<Watched>& watched);

struct WatchOptions {
  double interval_seconds = 0.1;  // between two moments, to begin with
  std::size_t moments = 600;      // at most, then every second one is left out
  // The process's, so that accounts that are shown close; none: they do not.
  graph::ArenaLedger* ledger = nullptr;
  // As Listener::look; empty: nobody looks.
  std::function<void(const AccountRecord&, const Timeline&)> look{};
  double look_seconds = 0.25;  // between two looks, at least
};

// One thread, from its making to `finish`. Everything watched must outlive it. One thread at a time
// calls.
class AccountWatch {
 public:
  AccountWatch(std::vector<Watched> watched, WatchOptions options);
  ~AccountWatch() { finish(); }
  AccountWatch(const AccountWatch&) = delete;
  AccountWatch& operator=(const AccountWatch&) = delete;

  // Ends the thread and takes the last moment; the run over time. Later calls give the same.
  const Timeline& finish();

  const std::vector<Watched>& watched() const { return watched_; }
  // When moment 0 was, in nanoseconds of the steady clock.
  std::int64_t begun_ns() const {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(begun_.time_since_epoch()).count();
  }

  // Of the thread, for the account's row "sampling". Any thread.
  double cpu_seconds() const { return static_cast<double>(cpu_ns_.load()) * 1e-9; }

 private:
  using Clock = std::chrono::steady_clock;

  void work(const std::stop_token& end);
  void look();
  Moment moment() const;

  const std::vector<Watched> watched_;
  const WatchOptions options_;
  const Clock::time_point begun_ = Clock::now();
  Timeline timeline_;  // the thread's until it has ended
  bool finished_ = false;
  std::atomic<std::int64_t> cpu_ns_ = 0;
  std::mutex mutex_;
  std::condition_variable_any ended_;
  std::jthread thread_;  // last: it uses the others
};

}  // namespace sluice::nodes
