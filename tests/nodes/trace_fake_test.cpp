// The streams of a device beside the nodes: on a device that computes with the host's twins.
#include <algorithm>
#include <memory>
#include <vector>

#include "graph/clocks.h"
#include "nodes/collate_bytes.h"
#include "nodes/run/run_trace.h"
#include "nodes/train_step.h"
#include "nodes/upload.h"
#include "nodes/watch.h"
#include "runtime/backend/cudnn/cudnn.h"
#include "tests/graph/synthetic.h"
#include "tests/support/catch.h"
#include "tests/support/fake_device.h"

namespace sluice::nodes {
namespace {

constexpr int kBatch = 4;
constexpr int kBatches = 5;

Net small_net() {
  return {.name = "small",
          .channels = 3,
          .side = 8,
          .layers = {{.name = "fc", .spec = FullyConnected{.out_features = 7}},
                     {.name = "loss", .spec = SoftmaxLoss{}}}};
}

// A traced training pipeline on a stand-in device, and what it gave.
class Traced {
 public:
  explicit Traced(std::size_t spans, const test::FakeDeviceOptions& options = {})
      : trace_of_run_(spans) {
    auto device = test::make_fake_device(options);
    backend_ = make_cudnn_backend({.device = device, .reason = {}});
    arena_.run([&] {
      state_.emplace(net_, 5);
      program_ = backend_->compile(net_, *state_, {.batch = kBatch, .purpose = Purpose::training});
    });
    trace_of_run_.record(*program_);
    const StepContext step{.program = program_.get(), .clock = &clock_};
    auto world = std::make_shared<test::World>();
    world->delays.max_us = 100;
    auto batches =
        uploaded(collated(test::images(world) | test::Cut{world}, {}, {}, net_), *program_);
    pipeline_.emplace(
        arena_,
        graph::PipelineOptions{
            .batch = kBatch, .row_memory = program_->row_memory(), .trace = trace_of_run_.into("")},
        std::move(batches) | Forward{step} | Backward{step} | Update{step} |
            Watch{[](const graph::Batch&) {}});
    AccountWatch watch({{.pipeline = &*pipeline_, .program = program_.get()}},
                       {.interval_seconds = 0.002});
    test::MemorySource source(kBatch * kBatches, 0);
    pipeline_->run(source);
    ended_ns_ = graph::wall_ns() - watch.begun_ns();
    timeline_ = watch.finish();
    trace = trace_of_run_.trace(watch.watched(), timeline_, watch.begun_ns());
    account = pipeline_->account();
    times = *program_->device_times();
  }

  std::vector<TraceSpan> on(const std::string& track) const {
    std::vector<TraceSpan> spans;
    std::ranges::copy_if(trace.spans, std::back_inserter(spans), [&](const TraceSpan& span) {
      return trace.tracks.at(static_cast<std::size_t>(span.track)) == track;
    });
    return spans;
  }
  const std::string& name(const TraceSpan& span) const {
    return trace.names.at(static_cast<std::size_t>(span.name));
  }
  // Kept and summed up.
  double seconds(const std::string& name) const {
    std::int64_t ns = 0;
    for (const TraceSpan& span : trace.spans)
      if (this->name(span) == name) ns += span.end_ns - span.begin_ns;
    for (const TraceRest& rest : trace.rest)
      if (trace.names.at(static_cast<std::size_t>(rest.name)) == name) ns += rest.busy_ns;
    return static_cast<double>(ns) * 1e-9;
  }
  std::int64_t ended_ns() const { return ended_ns_; }

  Trace trace;
  AccountRecord account;
  DeviceTimes times;

 private:
  Net net_ = small_net();
  Arena arena_{2};
  TrainingClock clock_{.seed = 1, .rate = 1e-5};
  RunTrace trace_of_run_;
  std::unique_ptr<Backend> backend_;
  std::optional<NetState> state_;
  std::unique_ptr<Program> program_;
  std::optional<graph::Pipeline> pipeline_;
  Timeline timeline_;
  std::int64_t ended_ns_ = 0;
};

TEST_CASE("a trace has the phases and copies of a device on tracks of their own",
          "[nodes][trace][fake-device]") {
  const Traced run(10'000);
  const std::vector<TraceSpan> compute = run.on("gpu compute");
  const std::vector<TraceSpan> copy = run.on("gpu copy");
  REQUIRE(compute.size() == 3 * kBatches);
  REQUIRE(copy.size() == kBatches);
  const std::vector<std::string> order{"forward", "backward", "update"};
  for (std::size_t i = 0; i < compute.size(); ++i) {
    CHECK(run.name(compute[i]) == order[i % 3]);
    CHECK(compute[i].item == static_cast<std::int64_t>(i / 3));
    CHECK(compute[i].begin_ns > 0);
    CHECK(compute[i].end_ns >= compute[i].begin_ns);
    CHECK(compute[i].end_ns < run.ended_ns());
    if (i > 0) CHECK(compute[i].begin_ns >= compute[i - 1].end_ns);
  }
  for (std::size_t i = 0; i < copy.size(); ++i) {
    CHECK(run.name(copy[i]) == "upload");
    CHECK(copy[i].end_ns <= compute[3 * i].begin_ns);  // rows are there before they are read
  }
}

TEST_CASE("a copy beside the step before it is seen as such", "[nodes][trace][fake-device]") {
  const Traced run(10'000, {.a_recording = std::chrono::milliseconds(20),
                            .a_copy = std::chrono::milliseconds(5)});
  const std::vector<TraceSpan> compute = run.on("gpu compute");
  const std::vector<TraceSpan> copy = run.on("gpu copy");
  REQUIRE(compute.size() == 3 * kBatches);
  int beside = 0;
  for (std::size_t i = 1; i < copy.size(); ++i)
    beside += copy[i].end_ns <= compute[3 * i - 1].end_ns ? 1 : 0;
  CHECK(beside > 0);
  for (const TraceSpan& span : compute) CHECK(span.end_ns - span.begin_ns >= 20'000'000);
  for (const TraceSpan& span : copy) CHECK(span.end_ns - span.begin_ns >= 5'000'000);
}

TEST_CASE("the spans of a device add up to its times, also those that found no room",
          "[nodes][trace][fake-device]") {
  const auto spans = static_cast<std::size_t>(GENERATE(8, 64, 10'000));
  const Traced run(spans);
  CHECK(run.on("gpu compute").size() + run.on("gpu copy").size() <=
        std::max<std::size_t>(spans / 8, 1));
  CHECK(run.trace.rest.empty() == (spans == 10'000));
  CHECK(run.seconds("forward") == Approx(run.times.forward_seconds).margin(1e-7));
  CHECK(run.seconds("backward") == Approx(run.times.backward_seconds).margin(1e-7));
  CHECK(run.seconds("update") == Approx(run.times.update_seconds).margin(1e-7));
  CHECK(run.seconds("upload") == Approx(run.times.copy_seconds).margin(1e-7));
  CHECK(run.seconds("backward") ==
        Approx(test::row(run.account, "backward").busy_seconds).margin(1e-7));
  CHECK(run.seconds("decode") ==
        Approx(test::row(run.account, "decode").busy_seconds).margin(1e-9));
}

TEST_CASE("a node that tells a device what to do is a span of another name",
          "[nodes][trace][fake-device]") {
  const Traced run(10'000);
  const std::vector<TraceSpan> step = run.on("step");
  REQUIRE(step.size() == 3 * kBatches);
  CHECK(run.name(step[0]) == "forward (told)");
  CHECK(run.name(step[2]) == "update (told)");
  CHECK(run.on("upload").size() == kBatches);
  CHECK(run.on("report").size() == kBatches);
  const auto begins = [&](const std::string& word) {
    return std::ranges::any_of(run.trace.counters,
                               [&](const std::string& name) { return name.starts_with(word); });
  };
  CHECK(begins("bytes of images"));
  CHECK(begins("batches in flight"));
}

}  // namespace
}  // namespace sluice::nodes
