// What nodes do when, span by span.
#include <fmt/format.h>

#include <map>
#include <vector>

#include "graph/clocks.h"
#include "graph/trace_recorder.h"
#include "tests/graph/synthetic.h"
#include "tests/support/catch.h"

namespace sluice {
namespace {

// Takes the step token and is slow; then one that gives it back.
struct First {
  static constexpr graph::NodeInfo info{.name = "first", .kind = graph::NodeKind::batch};
  static constexpr auto token = graph::StepToken::takes;
  test::Delays delays;
  void run(graph::Batch&, Completion done) {
    delays.sleep();
    done(nullptr);
  }
};
struct Second {
  static constexpr graph::NodeInfo info{.name = "second", .kind = graph::NodeKind::batch};
  static constexpr auto token = graph::StepToken::gives;
  test::Delays delays;
  void run(graph::Batch&, Completion done) {
    delays.sleep();
    done(nullptr);
  }
};
struct Report {
  static constexpr graph::NodeInfo info{.name = "report", .kind = graph::NodeKind::batch};
  void run(graph::Batch&, Completion done) { done(nullptr); }
};

graph::BatchStream traced_stream() {
  auto world = std::make_shared<test::World>();
  world->delays.max_us = 40;
  world->faults = {.read = {3}, .decode = {17}};
  const test::Delays step{.max_us = 200};
  return test::ordinary_stream(world) | First{step} | Second{step} | Report{};
}

struct Sum {
  std::int64_t spans = 0;
  double seconds = 0.0;
};

// By name, kept and summed up.
std::map<std::string, Sum> sums(const Trace& trace) {
  std::map<std::string, Sum> sums;
  const auto add = [&](std::int32_t name, std::int64_t spans, std::int64_t ns) {
    Sum& sum = sums[trace.names.at(static_cast<std::size_t>(name))];
    sum.spans += spans;
    sum.seconds += static_cast<double>(ns) * 1e-9;
  };
  for (const TraceSpan& span : trace.spans) add(span.name, 1, span.end_ns - span.begin_ns);
  for (const TraceRest& rest : trace.rest) add(rest.name, rest.spans, rest.busy_ns);
  return sums;
}

// Whether the spans of each track follow each other, or lie one within another.
bool nests(const Trace& trace) {
  std::vector<TraceSpan> open;
  for (const TraceSpan& span : trace.spans) {
    if (!open.empty() && open.back().track != span.track) open.clear();
    while (!open.empty() && open.back().end_ns <= span.begin_ns) open.pop_back();
    if (span.end_ns < span.begin_ns) return false;
    if (!open.empty() && span.end_ns > open.back().end_ns) return false;
    open.push_back(span);
  }
  return true;
}

struct Traced {
  AccountRecord account;
  Trace trace;
};

Traced run_traced(graph::Executor executor, std::size_t spans) {
  graph::TraceRecorder recorder(spans);
  Arena arena(2);
  graph::Pipeline pipeline(
      arena,
      {.executor = executor, .batch = 4, .memory_bytes = 4'000'000, .trace = {&recorder, "part/"}},
      traced_stream());
  const std::int64_t begun = graph::wall_ns();
  for (std::uint32_t epoch = 0; epoch < 2; ++epoch) {
    test::MemorySource source(60, epoch);
    pipeline.run(source);
  }
  return {pipeline.account(), recorder.trace(begun)};
}

void check_totals(const Traced& traced) {
  std::map<std::string, Sum> by_name = sums(traced.trace);
  for (const NodeRecord& node : traced.account.nodes) {
    if (node.name == "order") continue;  // a passage
    CAPTURE(node.name);
    const Sum sum = by_name["part/" + node.name];
    CHECK(sum.seconds == Approx(node.busy_seconds).margin(1e-9));
    if (node.name != "sampler") CHECK(sum.spans == node.items_in - node.items_held);
  }
}

TEST_CASE("the spans of a trace add up to the account, and nest on their tracks",
          "[graph][trace]") {
  const auto executor = GENERATE(graph::Executor::flow, graph::Executor::serial);
  const Traced traced = run_traced(executor, 100'000);
  CHECK(traced.trace.rest.empty());
  CHECK(nests(traced.trace));
  check_totals(traced);
  for (const TraceSpan& span : traced.trace.spans) {
    const std::string& track = traced.trace.tracks.at(static_cast<std::size_t>(span.track));
    const std::string& name = traced.trace.names.at(static_cast<std::size_t>(span.name));
    const bool of_step = name == "part/first" || name == "part/second";
    if ((track == "part/step") != of_step || (track == "part/report") != (name == "part/report"))
      FAIL(name << " stands on " << track);
    if (span.begin_ns < 0) FAIL(name << " begins before the run");
  }
}

TEST_CASE("a trace keeps no more spans than it was made for, and sums up the others",
          "[graph][trace]") {
  const auto most = static_cast<std::size_t>(GENERATE(0, 1, 7, 100, 900));
  const Traced traced = run_traced(graph::Executor::flow, most);
  CAPTURE(most, traced.trace.spans.size());
  CHECK(traced.trace.spans.size() <= most);
  CHECK(2 * traced.trace.spans.size() >= most);  // room is taken in pieces
  CHECK_FALSE(traced.trace.rest.empty());
  CHECK(nests(traced.trace));
  check_totals(traced);
}

TEST_CASE("where nothing is measured nothing is traced", "[graph][trace]") {
  graph::TraceRecorder recorder(100);
  Arena arena(2);
  graph::Pipeline pipeline(
      arena, {.batch = 4, .measuring = graph::Measuring::off, .trace = {&recorder, ""}},
      traced_stream());
  test::MemorySource source(20, 0);
  pipeline.run(source);
  CHECK(recorder.trace(0).spans.empty());
  CHECK(recorder.trace(0).rest.empty());
}

TEST_CASE("spans from no track are summed up", "[graph][trace]") {
  graph::TraceRecorder recorder(100);
  const std::int32_t track = recorder.add_track("thread 0");
  const std::int32_t decode = recorder.add_name("decode");
  const std::int32_t crop = recorder.add_name("crop");
  CHECK(recorder.add_track("thread 0") == track);
  CHECK(recorder.add_name("decode") == decode);
  recorder.add({.track = -1, .name = crop, .begin_ns = 5, .end_ns = 9, .item = 1});
  recorder.add({.track = track, .name = decode, .begin_ns = 30, .end_ns = 40, .item = 2});
  recorder.add({.track = track, .name = decode, .begin_ns = 20, .end_ns = 50, .item = 3});
  const Trace trace = recorder.trace(10);
  REQUIRE(trace.spans.size() == 2);
  CHECK(trace.spans[0].item == 3);  // the outer one first
  CHECK(trace.spans[0].begin_ns == 10);
  CHECK(trace.spans[1].end_ns == 30);
  REQUIRE(trace.rest.size() == 1);
  CHECK(trace.rest[0].name == crop);
  CHECK(trace.rest[0].busy_ns == 4);
}

}  // namespace
}  // namespace sluice
