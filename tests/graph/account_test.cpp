// The account: pure functions of the records, and what the ledger attributes.
#include <tbb/parallel_for.h>

#include <thread>

#include "graph/account/closes.h"
#include "graph/account/limiting_node.h"
#include "graph/account/table.h"
#include "graph/thread_ledger.h"
#include "tests/graph/synthetic.h"
#include "tests/support/catch.h"

namespace sluice {
namespace {

void burn(std::int64_t cpu_ns) {
  const std::int64_t start = graph::thread_cpu_ns();
  while (graph::thread_cpu_ns() - start < cpu_ns) {
  }
}

// A step that computes in nested parallel loops, as a CPU backend does.
struct Burner {
  static constexpr graph::NodeInfo info{.name = "burn", .kind = graph::NodeKind::batch};
  std::int64_t piece_ns = 2'000'000;
  int pieces = 4;
  void run(graph::Batch&, Completion done) {
    run_isolated([&] { tbb::parallel_for(0, pieces, [&](int) { burn(piece_ns); }); });
    done(nullptr);
  }
};

AccountRecord example() {
  return {.nodes = {{.name = "decode",
                     .place = "cpu",
                     .unit = "image",
                     .items_in = 10,
                     .items_out = 9,
                     .items_failed = 1,
                     .items_held = 0,
                     .busy_seconds = 6.0,
                     .cpu_seconds = 5.0},
                    {.name = "step",
                     .place = "cpu",
                     .unit = "batch",
                     .items_in = 2,
                     .items_out = 1,
                     .items_failed = 0,
                     .items_held = 1,
                     .busy_seconds = 3.5,
                     .cpu_seconds = 3.0}},
          .wall_seconds = 4.0,
          .cpu_seconds_process = 8.5,
          .cpu_seconds_scheduler = 0.25,
          .cpu_seconds_attributed = 8.25,
          .threads = 2};
}

TEST_CASE("an account closes when in = out + failed + held in every row", "[graph][account]") {
  AccountRecord account = example();
  CHECK(graph::closes(account));
  account.nodes[1].items_held = 0;
  CHECK_FALSE(graph::closes(account));
  CHECK_FALSE(graph::closes(account.nodes[1]));
}

TEST_CASE("the limiting node is the one with the highest load", "[graph][account]") {
  const AccountRecord account = example();
  CHECK(graph::load(account.nodes[0], account) == Approx(0.75));
  CHECK(graph::load(account.nodes[1], account) == Approx(0.875));
  CHECK(graph::limiting_node(account)->name == "step");
  CHECK_FALSE(graph::limiting_node({}).has_value());
}

TEST_CASE("the table has a line a node and what stays unexplained", "[graph][account]") {
  CHECK(
      graph::table(example()) ==
      "node    unit          in       out  failed   held    busy s     cpu s    items/s\n"
      "decode  image         10         9       1      0      6.00      5.00        2.2\n"
      "step    batch          2         1       0      1      3.50      3.00        0.2\n"
      "wall 4.00 s on 2 threads; CPU of the process 8.50 s, of which nodes and scheduler (0.25 s) "
      "8.25 s, unexplained 2.9 %\n");
}

TEST_CASE("helpers of a step's nested loops are charged to the step", "[graph][account]") {
  const auto executor = GENERATE(graph::Executor::flow, graph::Executor::serial);
  Arena arena(executor == graph::Executor::flow ? 2 : 1);
  graph::Pipeline pipeline(arena, {.executor = executor, .batch = 4, .memory_bytes = 4'000'000},
                           test::ordinary_stream(std::make_shared<test::World>()) | Burner{});
  test::MemorySource source(40, 0);
  const auto run = [&] { pipeline.run(source); };
  if (executor == graph::Executor::serial) {
    arena.run(run);  // so that the nested loops stay in the one thread that is counted
  } else {
    run();
  }
  const AccountRecord account = pipeline.account();
  const double burnt = 10 * 4 * 0.002;
  CHECK(test::row(account, "burn").cpu_seconds >= burnt);
  CHECK(test::row(account, "burn").cpu_seconds < burnt * 1.25);
  CHECK(account.cpu_seconds_attributed <= account.cpu_seconds_process * 1.02 + 0.002);
  CHECK(account.cpu_seconds_attributed >= account.cpu_seconds_process * 0.9 - 0.005);
}

// A step whose work is done by a thread that is not the arena's.
struct OutsideBurner {
  static constexpr graph::NodeInfo info{.name = "outside", .kind = graph::NodeKind::batch};
  void run(graph::Batch&, Completion done) {
    std::jthread([] { burn(10'000'000); }).join();
    done(nullptr);
  }
};

TEST_CASE("CPU of threads outside the arena stays unexplained: the gap can open",
          "[graph][account]") {
  Arena arena(2);
  graph::Pipeline pipeline(
      arena, {.batch = 4, .memory_bytes = 4'000'000},
      test::ordinary_stream(std::make_shared<test::World>()) | OutsideBurner{});
  test::MemorySource source(40, 0);
  pipeline.run(source);
  const AccountRecord account = pipeline.account();
  const double burnt = 10 * 0.010;
  CHECK(account.cpu_seconds_process >= burnt);
  CHECK(account.cpu_seconds_process - account.cpu_seconds_attributed >= burnt * 0.95);
}

TEST_CASE("CPU of nested scopes is charged once", "[graph][account]") {
  graph::ThreadLedger ledger(1, [] { return 0; });
  ledger.enter(0);
  ledger.start_run();
  graph::NanoCounter step = 0;
  ledger.begin_phase(&step);
  burn(2'000'000);
  const auto outer = ledger.open();
  burn(3'000'000);
  const auto inner = ledger.open();
  burn(5'000'000);
  const std::int64_t inner_ns = ledger.close(inner);
  const std::int64_t outer_ns = ledger.close(outer);
  ledger.end_phase(&step);
  burn(4'000'000);
  ledger.end_run();
  const auto about = [](std::int64_t ns) {
    return Approx(static_cast<double>(ns)).margin(500'000);
  };
  CHECK(static_cast<double>(inner_ns) == about(5'000'000));
  CHECK(static_cast<double>(outer_ns) == about(3'000'000));
  CHECK(static_cast<double>(step) == about(2'000'000));
  CHECK(static_cast<double>(ledger.scheduler_ns()) == about(4'000'000));
}

}  // namespace
}  // namespace sluice
