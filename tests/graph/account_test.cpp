// The account: pure functions of the records, and what the ledger attributes.
#include <tbb/parallel_for.h>

#include <thread>

#include "graph/account/closes.h"
#include "graph/account/load.h"
#include "graph/account/table.h"
#include "graph/arena_ledger.h"
#include "graph/clocks.h"
#include "tests/graph/synthetic.h"
#include "tests/support/catch.h"

namespace sluice {
namespace {

// Gives what it really burnt: a machine that stops may charge a thread for the stop.
std::int64_t burn(std::int64_t cpu_ns) {
  const std::int64_t start = graph::thread_cpu_ns();
  std::int64_t burnt = 0;
  while (burnt < cpu_ns) burnt = graph::thread_cpu_ns() - start;
  return burnt;
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
                     .run_seconds = 4.0,
                     .busy_seconds = 6.0,
                     .cpu_seconds = 5.0,
                     .starved_seconds = 2.0,
                     .p50_ms = 600.0,
                     .p90_ms = 700.0,
                     .p99_ms = 800.0,
                     .bytes_held_max = 2'500'000},
                    {.name = "step",
                     .place = "cpu",
                     .unit = "batch",
                     .lane = Lane::step,
                     .items_in = 2,
                     .items_out = 1,
                     .items_held = 1,
                     .run_seconds = 4.0,
                     .busy_seconds = 3.5,
                     .cpu_seconds = 3.0,
                     .starved_seconds = 0.25,
                     .blocked_seconds = 0.25}},
          .overheads = {{"scheduler", 0.25}},
          .wall_seconds = 4.0,
          .cpu_seconds_process = 8.5,
          .threads = 2};
}

TEST_CASE("an account closes when in = out + failed + held in every row", "[graph][account]") {
  AccountRecord account = example();
  CHECK(graph::closes(account));
  account.nodes[1].items_held = 0;
  CHECK_FALSE(graph::closes(account));
  CHECK_FALSE(graph::closes(account.nodes[1]));
}

TEST_CASE("the gap is what nodes and overheads do not explain", "[graph][account]") {
  const AccountRecord account = example();
  CHECK(account.cpu_seconds_attributed() == Approx(8.25));
  CHECK(account.gap_percent() == Approx(100 * 0.25 / 8.5));
  CHECK(AccountRecord{}.gap_percent() == 0.0);
}

TEST_CASE("a gap above two percent is said, whichever way it opens", "[graph][account]") {
  AccountRecord account = example();
  CHECK(graph::gap_words(account) == "; 2.9 % of the process's CPU has no name");
  account.cpu_seconds_process = 8.4;
  CHECK(graph::gap_words(account).empty());
  account.cpu_seconds_process = 8.0;
  CHECK(graph::gap_words(account) == "; 3.1 % more CPU has a name than the process used");
  account = {.overheads = {{"start-up", 0.1}}, .cpu_seconds_process = 0.19};
  CHECK(graph::gap_words(account).empty());  // too short to say
  account.cpu_seconds_process = 0.21;
  CHECK(graph::gap_words(account) == "; 52.4 % of the process's CPU has no name");
}

TEST_CASE("loads are parts of what a node, a lane or the run may use", "[graph][account]") {
  const AccountRecord account = example();
  CHECK(graph::load(account.nodes[0], 2) == Approx(0.75));
  CHECK(graph::load(account.nodes[1], 2) == Approx(0.875));
  CHECK(graph::lane_load(account, Lane::step) == Approx(0.875));
  CHECK(graph::core_load(account) == Approx(8.25 / 8.0));
}

TEST_CASE("the table has a line a node, the closing sum, the kernel's counts and the verdict",
          "[graph][account]") {
  AccountRecord account = example();
  account.verdict.text = "the cores limit";
  CHECK(graph::table(account) ==
        "node    unit        out failed  held   busy s    cpu s  starved  blocked   p50 ms   "
        "p90 ms   p99 ms  MB held   items/s\n"
        "decode  image         9      1     0     6.00     5.00     2.00     0.00  600.000  "
        "700.000  800.000      2.5       2.2\n"
        "step    batch         1      0     1     3.50     3.00     0.25     0.25    0.000    "
        "0.000    0.000      0.0       0.2\n"
        "wall 4.00 s on 2 threads\n"
        "CPU: nodes 8.00 s + scheduler 0.25 = 8.25 s; the kernel counts 8.50 s; gap 2.94 %\n"
        "process: 0.00 s user, 0.00 s system; faults 0 minor, 0 major; switches 0 voluntary, 0 "
        "involuntary; read 0.0 MB, 0.0 MB from disk; resident at most 0.0 MB\n"
        "verdict: the cores limit\n");
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
  // A helper that leaves the arena has spun, for less than it is taken to have when the machine is
  // busy: a millisecond of its work is then missing, twice a step at most.
  CHECK(test::row(account, "burn").cpu_seconds >= burnt - 20 * 0.00112);
  CHECK(test::row(account, "burn").cpu_seconds < burnt * 1.25);
  CHECK(account.cpu_seconds_attributed() <= account.cpu_seconds_process * 1.02 + 0.002);
  CHECK(account.cpu_seconds_attributed() >= account.cpu_seconds_process * 0.9 - 0.005);
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
  CHECK(account.cpu_seconds_process - account.cpu_seconds_attributed() >= burnt * 0.95);
}

// Waits without computing, as a device does.
struct Sleeper {
  static constexpr graph::NodeInfo info{.name = "sleep", .kind = graph::NodeKind::batch};
  static constexpr graph::StepToken token = graph::StepToken::takes_and_gives;
  std::string place() const { return "waiting"; }
  void run(graph::Batch&, Completion done) {
    std::this_thread::sleep_for(std::chrono::milliseconds(3));
    done(nullptr);
  }
};

TEST_CASE("busy, starved and blocked time of a batch node are the time its pipeline ran",
          "[graph][account]") {
  Arena arena(2);
  graph::Pipeline pipeline(arena, {.batch = 4, .memory_bytes = 4'000'000},
                           test::ordinary_stream(std::make_shared<test::World>()) | Sleeper{});
  for (std::uint32_t epoch = 0; epoch < 2; ++epoch) {
    test::MemorySource source(40, epoch);
    pipeline.run(source);
  }
  const AccountRecord account = pipeline.account();
  const NodeRecord sleep = test::row(account, "sleep");
  CHECK(sleep.run_seconds == Approx(account.wall_seconds));
  CHECK(sleep.busy_seconds + sleep.starved_seconds + sleep.blocked_seconds ==
        Approx(sleep.run_seconds).epsilon(1e-3));
  CHECK(sleep.busy_seconds >= 20 * 0.003);
  CHECK(sleep.cpu_seconds < sleep.busy_seconds / 2);
  CHECK(sleep.p50_ms >= 3.0 * 0.97);
  // All slots are full while the step sleeps: the sampler waits for one.
  CHECK(test::row(account, "sampler").blocked_seconds > 0.0);
  CHECK(test::row(account, "decode").bytes_held_max > 0);
}

TEST_CASE("without measuring everything is counted and no time is taken", "[graph][account]") {
  Arena arena(2);
  graph::Pipeline pipeline(
      arena, {.batch = 4, .memory_bytes = 4'000'000, .measuring = graph::Measuring::off},
      test::ordinary_stream(std::make_shared<test::World>()) | Burner{});
  test::MemorySource source(40, 0);
  pipeline.run(source);
  const AccountRecord account = pipeline.account();
  CHECK(graph::closes(account));
  CHECK(test::row(account, "decode").items_out == 40);
  for (const NodeRecord& node : account.nodes) {
    CHECK(node.busy_seconds == 0.0);
    CHECK(node.cpu_seconds == 0.0);
    CHECK(node.p99_ms == 0.0);
  }
}

TEST_CASE("a ledger with a home explains the whole process", "[graph][account]") {
  Arena arena(2);
  const std::int64_t before = process_cpu_ns() - graph::thread_cpu_ns();  // other threads' past
  graph::ArenaLedger ledger(arena, graph::Home::calling_thread);
  burn(20'000'000);  // start-up, outside the arena
  arena.run([] { tbb::parallel_for(0, 8, [](int) { burn(5'000'000); }); });  // and inside
  graph::Pipeline pipeline(arena, {.batch = 4, .memory_bytes = 4'000'000, .ledger = &ledger},
                           test::ordinary_stream(std::make_shared<test::World>()) | Burner{});
  test::MemorySource source(40, 0);
  pipeline.run(source);
  burn(30'000'000);  // report
  AccountRecord account = pipeline.account();
  ledger.close_over_process(account);
  // A worker that leaves pays back what its spinning was taken for, to whoever is charged then.
  const double paid_back = 2 * 0.00112;
  CHECK(account.cpu_seconds_of("start-up") >= 0.060 - paid_back);
  CHECK(account.cpu_seconds_of("report") >= 0.030 - paid_back);
  CHECK(account.cpu_seconds_of("report") < 0.040);
  CHECK(account.process.minor_faults > 0);
  CHECK(account.process.resident_bytes_max > 0);
  const double unexplained = account.cpu_seconds_process - account.cpu_seconds_attributed() -
                             static_cast<double>(before) * 1e-9;
  CHECK(std::abs(unexplained) <= 0.02 * account.cpu_seconds_process + 0.003);
}

TEST_CASE("a worker that looks for work is spinning, whatever is in flight", "[graph][account]") {
  graph::ThreadLedger ledger(1, [] { return 0; });
  ledger.enter(0);
  ledger.start_run();
  graph::NanoCounter step = 0;
  ledger.begin_phase(&step);
  const auto scope = ledger.open(graph::wall_ns(), graph::Waits::maybe);
  burn(2'000'000);
  ledger.close(scope, graph::wall_ns());
  burn(900'000);  // looks for a task, finds none
  ledger.leave(0);
  ledger.end_phase(&step);
  ledger.end_run();
  CHECK(static_cast<double>(ledger.overheads().spinning) == Approx(900'000).margin(300'000));
  CHECK(step < 300'000);
}

TEST_CASE("what a phase got of a worker's spinning is paid back when the worker has left",
          "[graph][account]") {
  graph::ThreadLedger ledger(1, [] { return 0; });
  ledger.enter(0);
  ledger.start_run();
  const graph::Overheads before = ledger.overheads();
  const std::int64_t start = graph::thread_cpu_ns();
  graph::NanoCounter step = 0;
  ledger.begin_phase(&step);
  burn(900'000);
  ledger.end_phase(&step);
  ledger.leave(0);
  const std::int64_t used = graph::thread_cpu_ns() - start;
  ledger.end_run();
  const graph::Overheads overheads = ledger.overheads() - before;
  CHECK(step >= 900'000);
  CHECK(static_cast<double>(step + overheads.sum()) ==
        Approx(static_cast<double>(used)).margin(200'000));
}

TEST_CASE("scopes that do not read the CPU clock add up to it", "[graph][account]") {
  graph::ThreadLedger ledger(1, [] { return 0; });
  ledger.enter(0);
  ledger.start_run();
  const std::int64_t start = graph::thread_cpu_ns();
  std::int64_t scopes = 0;
  for (int i = 0; i < 400; ++i) {
    const auto scope = ledger.open(graph::wall_ns(), graph::Waits::never);
    burn(20'000);
    if (i % 10 == 0) std::this_thread::sleep_for(std::chrono::microseconds(100));
    scopes += ledger.close(scope, graph::wall_ns());
  }
  ledger.end_run();
  const std::int64_t used = graph::thread_cpu_ns() - start;
  CHECK(static_cast<double>(scopes + ledger.overheads().scheduler) ==
        Approx(static_cast<double>(used)).margin(300'000));
  CHECK(scopes >= 400 * 20'000 - 300'000);
}

// Each scope sleeps inside what is taken for running, and the clock that is read next is behind.
TEST_CASE("a thread that was away has nothing negative, and its scopes still add up",
          "[graph][account]") {
  graph::ThreadLedger ledger(1, [] { return 0; });
  ledger.enter(0);
  ledger.start_run();
  const std::int64_t start = graph::thread_cpu_ns();
  std::int64_t scopes = 0;
  for (int i = 0; i < 200; ++i) {
    const auto first = ledger.open(graph::wall_ns(), graph::Waits::maybe);
    CHECK(ledger.close(first, graph::wall_ns()) >= 0);
    const auto away = ledger.open(graph::wall_ns(), graph::Waits::never);
    std::this_thread::sleep_for(std::chrono::microseconds(60));
    const std::int64_t told = ledger.close(away, graph::wall_ns());
    const auto next = ledger.open(graph::wall_ns(), graph::Waits::maybe);
    const std::int64_t caught_up = ledger.close(next, graph::wall_ns());
    CHECK(caught_up >= 0);
    scopes += told + caught_up;
    burn(300'000);
    CHECK(ledger.overheads().scheduler >= 0);
  }
  ledger.end_run();
  const std::int64_t used = graph::thread_cpu_ns() - start;
  CHECK(scopes + ledger.overheads().scheduler <= used + 300'000);
}

TEST_CASE("CPU of nested scopes is charged once", "[graph][account]") {
  graph::ThreadLedger ledger(1, [] { return 0; });
  ledger.enter(0);
  ledger.start_run();
  graph::NanoCounter step = 0;
  ledger.begin_phase(&step);
  const std::int64_t in_step = burn(2'000'000);
  const auto outer = ledger.open(graph::wall_ns(), graph::Waits::maybe);
  const std::int64_t in_outer = burn(3'000'000);
  const auto inner = ledger.open(graph::wall_ns(), graph::Waits::maybe);
  const std::int64_t in_inner = burn(5'000'000);
  const std::int64_t inner_ns = ledger.close(inner, graph::wall_ns());
  const std::int64_t outer_ns = ledger.close(outer, graph::wall_ns());
  ledger.end_phase(&step);
  const std::int64_t behind = burn(4'000'000);
  ledger.end_run();
  const auto about = [](std::int64_t ns) {
    return Approx(static_cast<double>(ns)).margin(500'000);
  };
  CHECK(static_cast<double>(inner_ns) == about(in_inner));
  CHECK(static_cast<double>(outer_ns) == about(in_outer));
  CHECK(static_cast<double>(step) == about(in_step));
  CHECK(static_cast<double>(ledger.overheads().scheduler) == about(behind));
}

}  // namespace
}  // namespace sluice
