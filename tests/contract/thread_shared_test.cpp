// Shared structures by themselves, each hammered by plain threads. What the tsan preset runs.
//
// CHECKs stand in the main thread only: Catch2 2 is not thread-safe.
#include <signal.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

#include "apps/common/console.h"
#include "apps/common/interrupt.h"
#include "graph/clocks.h"
#include "graph/node_meter.h"
#include "graph/thread_ledger.h"
#include "io/line_log.h"
#include "runtime/error.h"
#include "runtime/memory.h"
#include "runtime/net/net_state.h"
#include "tests/support/catch.h"

namespace sluice {
namespace {

constexpr int kThreads = 4;

// Calls `work(number)` in so many threads at once.
template <class Work>
void at_once(int threads, const Work& work) {
  std::vector<std::jthread> crew;
  for (int t = 0; t < threads; ++t) crew.emplace_back([&work, t] { work(t); });
}

TEST_CASE("a pool's blocks are one thread's at a time, and its counts add up",
          "[runtime][threads]") {
  BlockPool pool(300'000);  // less than the threads want at once, so that it also gives back
  std::vector<BytesHeld> holders(2);
  std::vector<int> wrong(kThreads, 0);
  at_once(kThreads, [&](int t) {
    const auto mark = static_cast<std::byte>(t + 1);
    for (int i = 0; i < 400; ++i) {
      const auto bytes = static_cast<std::size_t>(1 + (i * 7919 + t * 104729) % 90'000);
      const Block block = pool.take(bytes, &holders[static_cast<std::size_t>(i) % 2]);
      const BlockPool::Charge charge(pool, bytes / 2, &holders[0]);
      for (std::size_t at = 0; at < bytes; at += 64) block.data()[at] = mark;
      if (pool.bytes_in_use() < bytes) ++wrong[static_cast<std::size_t>(t)];
      for (std::size_t at = 0; at < bytes; at += 64) {
        if (block.data()[at] != mark) ++wrong[static_cast<std::size_t>(t)];
      }
    }
  });
  CHECK(wrong == std::vector<int>(kThreads, 0));
  CHECK(pool.bytes_in_use() == 0);
  CHECK(pool.bytes_cached() <= pool.budget());
  CHECK(holders[0].now == 0);
  CHECK(holders[1].now == 0);
  CHECK(holders[0].most + holders[1].most >= pool.bytes_in_use_max());
}

TEST_CASE("a meter counts what every thread does, also from outside the arena",
          "[graph][threads]") {
  constexpr int kItems = 2000;
  graph::NodeMeter meter({.name = "node", .place = "cpu", .unit = "image"}, kThreads);
  at_once(kThreads + 2, [&](int t) {  // the last two share the cell of outsiders
    for (int i = 0; i < kItems; ++i) {
      graph::NodeMeter::Cell& cell = meter.cell(t < kThreads ? t : -1);
      ++cell.in;
      ++(i % 10 == 0 ? cell.failed : cell.out);
      cell.busy_ns += 1000;
      cell.times.add(1000);
    }
  });
  const NodeRecord record = meter.record();
  CHECK(record.items_in == (kThreads + 2) * kItems);
  CHECK(record.items_failed == (kThreads + 2) * kItems / 10);
  CHECK(record.items_in == record.items_out + record.items_failed);
  CHECK(record.busy_seconds == Approx((kThreads + 2) * kItems * 1e-6));
  CHECK(record.p50_ms == Approx(1e-3).epsilon(0.04));
}

thread_local int ledger_slot = -1;

void burn(std::chrono::microseconds time) {
  const std::int64_t until = graph::thread_cpu_ns() + time.count() * 1000;
  while (graph::thread_cpu_ns() < until) {
  }
}

// What `kThreads` threads do with a ledger of two slots, and what it is to say afterwards.
struct LedgerUse {
  graph::ThreadLedger& ledger;
  std::array<std::atomic<bool>, 2> taken{};
  std::atomic<std::int64_t> in_scopes = 0;
  std::atomic<std::int64_t> in_slots = 0;  // by the threads' own clocks

  // A thread that sits in `slot`: scopes, one inside the other, and work outside them. The ledger
  // may learn of the thread only with its first scope.
  void sit(int slot, bool announced) {
    const std::int64_t before = graph::thread_cpu_ns();
    ledger_slot = slot;
    if (announced) ledger.enter(slot);
    const auto outer = ledger.open(graph::wall_ns(), graph::Waits::maybe);
    burn(std::chrono::microseconds(30));
    const auto inner = ledger.open(graph::wall_ns(), graph::Waits::never);
    burn(std::chrono::microseconds(20));
    in_scopes += ledger.close(inner, graph::wall_ns());
    in_scopes += ledger.close(outer, graph::wall_ns());
    burn(std::chrono::microseconds(20));
    ledger.leave(slot);
    ledger_slot = -1;
    in_slots += graph::thread_cpu_ns() - before;
  }
  void come_and_go(int t) {
    for (int i = 0; i < 150; ++i) {
      const auto slot = static_cast<std::size_t>((t + i) % 2);
      if (!taken[slot].exchange(true)) {
        sit(static_cast<int>(slot), i % 3 != 0);
        taken[slot] = false;
      } else {
        std::this_thread::yield();
      }
    }
  }
};

TEST_CASE("a ledger is read while threads take slots, nest scopes and leave",
          "[graph][threads][account]") {
  graph::ThreadLedger ledger(
      2, [] { return ledger_slot; }, graph::Home::calling_thread);
  LedgerUse use{.ledger = ledger};
  graph::NanoCounter phase_cpu = 0;
  ledger.start_run();
  const std::int64_t before = graph::thread_cpu_ns();
  {
    const std::jthread reader([&](const std::stop_token& stop) {
      while (!stop.stop_requested()) {
        ledger.begin_phase(&phase_cpu);
        std::this_thread::sleep_for(std::chrono::microseconds(200));
        ledger.end_phase(&phase_cpu);
        ledger.overheads();
      }
    });
    at_once(kThreads, [&](int t) { use.come_and_go(t); });
  }
  burn(std::chrono::milliseconds(2));
  const std::int64_t home = graph::thread_cpu_ns() - before;
  ledger.end_run();
  const graph::Overheads overheads = ledger.overheads();
  CHECK(overheads.caller >= 2'000'000);
  CHECK(overheads.caller <= home + 1'000'000);
  const auto accounted =
      static_cast<double>(use.in_scopes + phase_cpu + overheads.scheduler + overheads.spinning);
  CHECK(accounted == Approx(static_cast<double>(use.in_slots)).epsilon(0.1));
}

TEST_CASE("lines from many threads stand whole in a log", "[io][threads]") {
  const auto path = std::filesystem::temp_directory_path() /
                    ("sluice-lines-" + std::to_string(::getpid()) + ".tsv");
  constexpr int kLines = 200;
  bool grew = true;
  {
    io::LineLog log(path, "thread\tline");
    std::uint64_t seen = 0;
    const std::jthread watcher([&](const std::stop_token& stop) {
      while (!stop.stop_requested()) {
        log.sync();
        grew = grew && log.bytes() >= seen;
        seen = log.bytes();
      }
    });
    at_once(kThreads, [&](int t) {
      for (int i = 0; i < kLines; ++i) {
        log.add(std::string(40, static_cast<char>('a' + t)) + "\t" + std::to_string(i));
      }
    });
  }
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  CHECK(line == "thread\tline");
  std::vector<int> next(kThreads, 0);  // each thread's lines in its order
  int wrong = 0;
  while (std::getline(file, line)) {
    const int t = line.empty() ? -1 : line.front() - 'a';
    if (t < 0 || t >= kThreads) {
      ++wrong;
      continue;
    }
    const std::string expected = std::string(40, static_cast<char>('a' + t)) + "\t" +
                                 std::to_string(next[static_cast<std::size_t>(t)]++);
    if (line != expected) ++wrong;
  }
  CHECK(wrong == 0);
  CHECK(grew);
  CHECK(next == std::vector<int>(kThreads, kLines));
  std::filesystem::remove(path);
}

TEST_CASE("of many threads one at a time holds a net's state, the others are told",
          "[runtime][threads]") {
  const Net net{.name = "tiny",
                .side = 2,
                .layers = {{.name = "fc",
                            .spec = FullyConnected{.out_features = 2},
                            .start = {.deviation = 0.0},
                            .file_name = "fc"},
                           {.name = "loss", .spec = SoftmaxLoss{}}}};
  NetState state(net, 1);
  std::vector<int> held(kThreads, 0);
  std::vector<int> refused(kThreads, 0);
  std::vector<float> values = state.read(0);
  at_once(kThreads, [&](int t) {
    for (int i = 0; i < 2000; ++i) {
      try {
        const ProgramLock lock(state);
        for (float& value : values) value += 1.0F;  // whoever holds the lock may
        ++held[static_cast<std::size_t>(t)];
      } catch (const Error&) {
        ++refused[static_cast<std::size_t>(t)];
      }
    }
  });
  int all_held = 0;
  for (std::size_t t = 0; t < kThreads; ++t) {
    CHECK(held[t] + refused[t] == 2000);
    all_held += held[t];
  }
  CHECK(values.front() == static_cast<float>(all_held));
}

TEST_CASE("a console takes lines and progress from many threads", "[apps][threads]") {
  apps::Console console(apps::Verbosity::normal);
  const nodes::Listener listener = console.listener();
  at_once(kThreads, [&](int t) {
    for (int i = 0; i < 200; ++i) {
      listener.show({.phase = "train", .epoch = static_cast<std::uint32_t>(t), .images = i});
      if (i == 100) listener.tell("a line of thread " + std::to_string(t));
    }
  });
  console.close();
  SUCCEED("no line of one tears another: ThreadSanitizer would tell");
}

TEST_CASE("a signal becomes a stop request that other threads see", "[apps][threads]") {
  const apps::Interrupt interrupt;
  std::atomic<bool> called = false;
  int written_before = 0;  // a plain variable: the request orders it
  const std::stop_callback on_stop(interrupt.token(), [&] { called = true; });
  bool seen = false;
  {
    const std::jthread watcher([&, token = interrupt.token()] {
      while (!token.stop_requested()) std::this_thread::sleep_for(std::chrono::microseconds(100));
      seen = true;
    });
    written_before = 1;
    ::kill(::getpid(), SIGTERM);
  }
  CHECK(seen);
  CHECK(called);
  CHECK(written_before == 1);
}

}  // namespace
}  // namespace sluice
