// Whole pipelines on the cuDNN backend's program and a device that computes with the host's twins:
// what is trained, what each failing call leaves behind, and that the CPU trains the same.
#include <map>

#include "nodes/collate_bytes.h"
#include "nodes/flip.h"
#include "nodes/mean.h"
#include "nodes/pca_colour.h"
#include "nodes/random_crop.h"
#include "nodes/run/accounts.h"
#include "nodes/train_step.h"
#include "nodes/upload.h"
#include "nodes/watch.h"
#include "runtime/backend/cudnn/cudnn.h"
#include "runtime/backend/make_backend.h"
#include "runtime/backend/replicas.h"
#include "tests/graph/synthetic.h"
#include "tests/support/catch.h"
#include "tests/support/fake_device.h"
#include "tests/support/steps.h"

namespace sluice::nodes {
namespace {

constexpr int kBatch = 4;

Net small_net() {
  return {.name = "small",
          .channels = 3,
          .side = 8,
          .layers = {{.name = "conv", .spec = Conv2d{.out_channels = 4, .kernel = 3}},
                     {.name = "relu", .spec = Relu{}},
                     {.name = "fc", .spec = FullyConnected{.out_features = 7}},
                     {.name = "loss", .spec = SoftmaxLoss{}}}};
}

constexpr int kCut = 11;  // of which 8 remain

// A mean image, a crop, and what is left to a device behind them.
graph::Chain whole_chain() {
  auto mean = std::make_shared<std::vector<float>>(kCut * kCut * 3);
  for (std::size_t i = 0; i < mean->size(); ++i)
    (*mean)[i] = 80.1F + static_cast<float>(i % 41) * 1.3F;
  graph::Chain chain;
  chain.push_back(
      graph::erase_augment(MeanImage{{.values = std::move(mean), .extent = {kCut, kCut}}}));
  chain.push_back(graph::erase_augment(RandomCrop{{.side = 8}}));
  chain.push_back(graph::erase_augment(Flip{}));
  chain.push_back(graph::erase_augment(PcaColour{}));
  return chain;
}

enum class Rows { as_the_program_takes, floats };

struct How {
  graph::Executor executor = graph::Executor::flow;
  int max_us = 0;
  StepDivision division{};
  Rows rows = Rows::as_the_program_takes;
};

// A training pipeline.
class Trial {
 public:
  Trial(std::unique_ptr<Backend> backend, const How& how) : backend_(std::move(backend)) {
    world->delays.max_us = how.max_us;
    arena.run([&] {
      state.emplace(net, 5);
      program = compile_divided(*backend_, net, *state,
                                {.batch = kBatch, .purpose = Purpose::training}, how.division);
    });
    const StepContext step{.program = program.get(), .clock = &clock};
    graph::Chain chain = whole_chain();
    const RowPlan rows =
        how.rows == Rows::floats ? float_rows(*program, "a test") : plan_rows(chain, *program);
    words = rows.text;
    auto batches = uploaded(collated(test::images(world) | test::Cut{.world = world, .side = kCut},
                                     std::move(chain), rows, net),
                            *program);
    pipeline.emplace(arena,
                     graph::PipelineOptions{.executor = how.executor,
                                            .batch = kBatch,
                                            .seed = 3,
                                            .row_memory = program->row_memory()},
                     std::move(batches) | Forward{step} | Backward{step} | Update{step} |
                         Watch{[this](const graph::Batch& batch) {
                           losses.insert(losses.end(), batch.row_losses.begin(),
                                         batch.row_losses.end());
                         }});
  }
  void run_epoch(int images, std::uint32_t epoch) {
    test::MemorySource source(images, epoch);
    pipeline->run(source);
  }
  // Ten batches, of which two have two rows only.
  void run() {
    run_epoch(18, 0);
    run_epoch(18, 1);
  }
  std::vector<float> weights() {
    std::vector<float> all;
    for (std::size_t i = 0; i < state->parameters().size(); ++i) {
      const std::vector<float> values = state->read(i);
      all.insert(all.end(), values.begin(), values.end());
    }
    return all;
  }

  Net net = small_net();
  test::SharedWorld world = std::make_shared<test::World>();
  TrainingClock clock{.seed = 1, .rate = 1e-5};
  Arena arena{3};

 private:
  std::unique_ptr<Backend> backend_;

 public:
  std::optional<NetState> state;
  std::unique_ptr<Program> program;
  std::string words;
  std::vector<float> losses;
  std::optional<graph::Pipeline> pipeline;
};

std::unique_ptr<Backend> on(const std::shared_ptr<test::FakeDevice>& device) {
  return make_cudnn_backend({.device = device, .reason = {}});
}

TEST_CASE("rows as bytes on a device train what rows as floats train on the CPU",
          "[nodes][upload][fake-device]") {
  Trial device(on(test::make_fake_device()), {});
  CHECK(device.words == "upload: bytes, mean + flip + pca-colour on the device");
  device.run();
  Trial cpu(make_backend("reference"), {});
  CHECK(!cpu.program->uploads());
  cpu.run();
  REQUIRE(device.losses.size() == 2 * 5 * kBatch);
  CHECK(test::difference(device.losses, cpu.losses) < 1e-5);
  CHECK(test::difference(device.weights(), cpu.weights()) < 1e-5);
}

TEST_CASE("steps in parts train the same bits from bytes as from floats",
          "[nodes][upload][fake-device]") {
  Trial whole(on(test::make_fake_device()), {});
  whole.run();
  for (const StepDivision division :
       {StepDivision{.replicas = 1, .micro_batch = 3},
        StepDivision{.replicas = 1, .micro_batch = 2}, StepDivision{.replicas = 3},
        StepDivision{.replicas = 2, .micro_batch = 1}}) {
    CAPTURE(division.replicas, division.micro_batch);
    Trial bytes(on(test::make_fake_device({.chance = std::chrono::microseconds(60)})),
                {.max_us = 60, .division = division});
    CHECK(bytes.words == whole.words);
    bytes.run();
    Trial floats(on(test::make_fake_device()), {.division = division, .rows = Rows::floats});
    CHECK(floats.words == "upload: f32, because a test");
    floats.run();
    CHECK(bytes.losses == floats.losses);
    CHECK(bytes.weights() == floats.weights());
    CHECK(test::difference(bytes.weights(), whole.weights()) < 1e-5);
  }
}

TEST_CASE("200 runs with random delays on the device and on the CPU train the same bits",
          "[nodes][upload][fake-device]") {
  Trial calm(on(test::make_fake_device()), {.executor = graph::Executor::serial});
  calm.run();
  const std::vector<float> weights = calm.weights();
  int others = 0;
  for (std::uint64_t turn = 1; turn <= 200; ++turn) {
    Trial trial(on(test::make_fake_device({.chance = std::chrono::microseconds(60), .seed = turn})),
                {.max_us = 60});
    trial.run();
    if (trial.losses != calm.losses || trial.weights() != weights) ++others;
  }
  CHECK(others == 0);
}

TEST_CASE("the device's times are the account's", "[nodes][upload][fake-device]") {
  Trial trial(on(test::make_fake_device({.a_recording = std::chrono::milliseconds(1)})), {});
  trial.run();
  AccountRecord account = trial.pipeline->account();
  add_device(account, *trial.program);
  REQUIRE(account.devices.size() == 1);
  const DeviceRecord& device = account.devices.front();
  CHECK(device.place == "gpu");
  CHECK(device.name == "fake device");
  CHECK(device.bytes_copied == 10 * kBatch * 8 * 8 * 3);
  const auto busy = [&](const char* name) { return test::row(account, name).busy_seconds; };
  CHECK(busy("forward") >= 0.02);  // two recordings a step
  CHECK(busy("backward") >= 0.01);
  CHECK(device.compute_seconds == Approx(busy("forward") + busy("backward") + busy("update")));
  CHECK(busy("upload") == device.copy_seconds);
  CHECK(device.compute_seconds + device.idle_seconds <= account.wall_seconds);
}

// How a run on a device ends.
struct End {
  std::string text = "completed";
  test::FakeDeviceCounts counts;
};

End end_on(const test::FakeDeviceOptions& options, StepDivision division = {}) {
  End end;
  const auto device = test::make_fake_device(options);
  try {
    Trial trial(on(device), {.division = division});
    try {
      trial.run_epoch(14, 0);  // four batches
    } catch (...) {
      CHECK(trial.pipeline->free_slots() == trial.pipeline->memory().slots);
      CHECK(test::all_close(*trial.pipeline));
      throw;
    }
  } catch (const Error& error) {
    end.text = error.what();
  }
  end.counts = device->counts();
  CHECK(end.counts.blocks == 0);
  CHECK(end.counts.marks == 0);
  CHECK(end.counts.completions == 0);
  return end;
}

TEST_CASE("each call and each work of the device that fails ends the run with that cause",
          "[nodes][upload][fake-device]") {
  const StepDivision division =
      GENERATE(StepDivision{}, StepDivision{.micro_batch = 3}, StepDivision{.replicas = 2});
  // Steps in parts make many more of them.
  const int stride = division.micro_batch > 0 || division.replicas > 1 ? 5 : 1;
  const End whole = end_on({}, division);
  REQUIRE(whole.text == "completed");
  REQUIRE(whole.counts.calls > 50);
  REQUIRE(whole.counts.work > 40);
  for (int call = 1; call <= whole.counts.calls; call += stride) {
    CAPTURE(division.micro_batch, division.replicas, call);
    const End end = end_on({.failing_call = call}, division);
    if (end.counts.calls < call) continue;  // whether a copy has to wait for its slot is chance
    CHECK_THAT(end.text, Catch::Contains(test::fake_failure_text(fmt::format("call {} (", call))));
  }
  for (int work = 1; work <= whole.counts.work; work += stride) {
    CAPTURE(division.micro_batch, division.replicas, work);
    CHECK_THAT(end_on({.failing_work = work}, division).text,
               Catch::Contains(test::fake_failure_text(fmt::format("work {} (", work))));
  }
}

TEST_CASE("a device without memory ends the run and says so", "[nodes][upload][fake-device]") {
  const int allocations = end_on({}).counts.allocations;
  REQUIRE(allocations > 5);
  for (int allocation = 1; allocation <= allocations; ++allocation) {
    CAPTURE(allocation);
    CHECK_THAT(end_on({.failing_allocation = allocation}).text,
               Catch::Contains("fake device: out of memory"));
  }
}

}  // namespace
}  // namespace sluice::nodes
