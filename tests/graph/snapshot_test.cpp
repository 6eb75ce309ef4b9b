// What a pipeline says while it runs.
#include <atomic>
#include <thread>
#include <vector>

#include "graph/account/closes.h"
#include "tests/graph/synthetic.h"
#include "tests/support/catch.h"

namespace sluice {
namespace {

// Waits in a batch until it is let go.
struct Gate {
  static constexpr graph::NodeInfo info{.name = "gate", .kind = graph::NodeKind::batch};
  std::shared_ptr<std::atomic<bool>> open;
  std::shared_ptr<std::atomic<int>> inside;
  void run(graph::Batch&, Completion done) {
    ++*inside;
    open->wait(false);
    done(nullptr);
  }
};

std::shared_ptr<test::World> busy_world() {
  auto world = std::make_shared<test::World>();
  world->delays.max_us = 30;
  world->faults = {.read = {3}, .decode = {17}, .store = {25}};
  return world;
}

// What another thread saw, checked there without Catch.
struct Seen {
  int snapshots = 0;
  bool counts_grow = true;  // no sum is ever less than before, none more than what was let in
  bool times_grow = true;
  bool bytes_fit = true;
};

void look_once(const graph::Pipeline& pipeline, AccountRecord& last, Seen& seen) {
  const AccountRecord now = pipeline.snapshot();
  const std::vector<NodeMoment> moments = pipeline.moments();
  const InFlight flight = pipeline.in_flight();
  ++seen.snapshots;
  for (std::size_t i = 0; i < now.nodes.size(); ++i) {
    const NodeRecord& node = now.nodes[i];
    const NodeRecord before = last.nodes.empty() ? NodeRecord{} : last.nodes[i];
    seen.counts_grow = seen.counts_grow && node.items_in >= before.items_in &&
                       node.items_out >= before.items_out &&
                       moments[i].items_out >= node.items_out && moments[i].queued >= 0;
    seen.times_grow = seen.times_grow && node.queued_seconds >= before.queued_seconds;
  }
  seen.times_grow = seen.times_grow && now.wall_seconds >= last.wall_seconds &&
                    now.cpu_seconds_process >= last.cpu_seconds_process;
  seen.bytes_fit = seen.bytes_fit && flight.file_bytes >= 0 && flight.image_bytes >= 0 &&
                   flight.slots_busy >= 0 && flight.slots_busy <= 3;
  last = now;
}

TEST_CASE("another thread takes snapshots of a running pipeline, and the last one is the account",
          "[graph][snapshot]") {
  const auto executor = GENERATE(graph::Executor::flow, graph::Executor::serial);
  Arena arena(2);
  graph::Pipeline pipeline(
      arena, {.executor = executor, .batch = 8, .slots = 3, .memory_bytes = 4'000'000},
      test::ordinary_stream(busy_world()));
  Seen seen;
  AccountRecord last;
  {
    const std::jthread watcher([&](const std::stop_token& end) {
      while (!end.stop_requested()) look_once(pipeline, last, seen);
    });
    for (std::uint32_t epoch = 0; epoch < 3; ++epoch) {
      test::MemorySource source(200, epoch);
      CHECK(pipeline.run(source) == graph::RunEnd::completed);
    }
  }
  CHECK(seen.snapshots > 3);
  CHECK(seen.counts_grow);
  CHECK(seen.times_grow);
  CHECK(seen.bytes_fit);
  const AccountRecord account = pipeline.account();
  const AccountRecord snapshot = pipeline.snapshot();
  const std::vector<NodeMoment> moments = pipeline.moments();
  CHECK(graph::closes(account));
  REQUIRE(moments.size() == account.nodes.size());
  for (std::size_t i = 0; i < moments.size(); ++i) {
    const NodeRecord& node = account.nodes[i];
    CAPTURE(node.name);
    CHECK(snapshot.nodes[i].items_in == node.items_in);
    CHECK(snapshot.nodes[i].busy_seconds == node.busy_seconds);
    CHECK(moments[i].items_out == node.items_out);
    CHECK(moments[i].busy_seconds == node.busy_seconds);
    CHECK(moments[i].cpu_seconds == Approx(node.cpu_seconds).margin(1e-9));
    CHECK(moments[i].queued == 0);
  }
  CHECK(pipeline.in_flight().slots_busy == 0);
  CHECK(pipeline.in_flight().image_bytes == 0);
  CHECK(pipeline.in_flight().file_bytes == 0);
}

TEST_CASE("a snapshot says what stands before each node and how long a batch has been inside",
          "[graph][snapshot]") {
  auto open = std::make_shared<std::atomic<bool>>(false);
  auto inside = std::make_shared<std::atomic<int>>(0);
  Arena arena(2);
  graph::Pipeline pipeline(
      arena, {.batch = 4, .slots = 3, .memory_bytes = 4'000'000},
      test::ordinary_stream(std::make_shared<test::World>()) | Gate{open, inside});
  std::jthread runner([&] {
    test::MemorySource source(40, 0);
    pipeline.run(source);
  });
  const auto moment_of_gate = [&] { return pipeline.moments().back(); };
  while (*inside == 0 || moment_of_gate().queued < 2) std::this_thread::yield();
  const NodeMoment early = moment_of_gate();
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  const NodeMoment late = moment_of_gate();
  const AccountRecord now = pipeline.snapshot();
  const InFlight flight = pipeline.in_flight();
  *open = true;
  open->notify_all();
  runner.join();
  CHECK(early.queued == 2);  // of three slots one is inside
  CHECK(early.items_out == 0);
  CHECK(late.busy_seconds - early.busy_seconds >= 0.02);
  CHECK(flight.slots_busy == 3);
  CHECK(now.wall_seconds >= 0.02);
  CHECK(test::row(now, "gate").items_in == 3);
  CHECK(test::row(now, "gate").busy_seconds >= 0.02);
  CHECK(test::row(pipeline.account(), "gate").items_out == 10);
}

}  // namespace
}  // namespace sluice
