#include "nodes/run/dump.h"

#include <algorithm>
#include <string>
#include <vector>

#include "nodes/train_step.h"
#include "runtime/backend/make_backend.h"
#include "runtime/backend/reference/reference.h"
#include "runtime/error.h"
#include "runtime/net/dropout_mask.h"
#include "tests/io/temp_folder.h"
#include "tests/support/catch.h"

namespace sluice::nodes {
namespace {

namespace fs = std::filesystem;

// Four pixels of one channel, three hidden units of which some are dropped, two classes.
Net small_net() {
  return {.name = "tiny",
          .variant = "test",
          .channels = 1,
          .side = 2,
          .layers = {{"fc1", FullyConnected{.out_features = 3}, {.deviation = 1.0}, "fc1"},
                     {"drop1", Dropout{.drop = 0.5}},
                     {"fc2", FullyConnected{.out_features = 2}, {.deviation = 1.0}, "fc2"},
                     {"loss", SoftmaxLoss{}}}};
}

// A run without pipelines: steps are taken by hand.
struct Run {
  io::test::TempFolder folder;
  Net net = small_net();
  NetState state{net, 1};
  SgdRule rule{.momentum = 0.5, .l2 = 0.25};
  std::unique_ptr<Program> program;
  std::vector<float> rows{1, 2, 3, 4, -1, 0, 1, 2};
  graph::Batch batch;
  TrainingClock clock{.seed = 9, .rate = 0.125};

  Run() {
    program = make_reference_backend()->compile(
        net, state,
        {.batch = 2, .purpose = Purpose::training, .rule = rule, .keep = dumped_layers(net)});
    batch.rows = rows;
    batch.labels = {0, 1};
    batch.row_weights = {1, 1};
  }
  StepDump dump(std::int64_t steps) {
    return {{.folder = folder / "dump", .steps = steps, .rule = rule, .recipe = "seed = 9"},
            net,
            state,
            *program};
  }
  void step(StepDump& dump) {
    const auto rethrow = [](std::exception_ptr failure) {
      if (failure) std::rethrow_exception(failure);
    };
    Forward{{.program = program.get(), .clock = &clock, .last = Phase::forward}}.run(batch,
                                                                                     rethrow);
    dump.before(batch, step_input(batch, clock));
    program->run(Phase::backward, step_input(batch, clock), rethrow);
    dump.after_backward(batch);
    program->run(Phase::update, step_input(batch, clock), rethrow);
    dump.after_update(batch);
  }
  fs::path file(const std::string& name) const { return folder.path() / "dump" / name; }
};

std::vector<float> tensor(const io::SafetensorsFile& file, const std::string& name) {
  const io::TensorEntry* entry = file.find(name);
  REQUIRE(entry != nullptr);
  std::vector<float> values(static_cast<std::size_t>(entry->shape.elements()));
  file.read(*entry, values);
  return values;
}

}  // namespace

TEST_CASE("a dumped step holds weights before and after that its gradients explain",
          "[nodes][dump]") {
  Run run;
  StepDump dump = run.dump(1);
  run.step(dump);
  const io::SafetensorsFile file(run.file("step-000000.safetensors"));
  file.verify();
  CHECK(tensor(file, "rows") == run.rows);
  CHECK(tensor(file, "labels") == std::vector<float>{0, 1});
  CHECK(tensor(file, "scores") == run.batch.scores);
  CHECK(tensor(file, "row_losses") == run.batch.row_losses);
  CHECK(tensor(file, "gradient_rows") == std::vector<float>{2});
  CHECK(file.metadata().at("sluice.rate") == "0.125");
  CHECK(file.metadata().at("sluice.rule") == "sgd form=paper momentum=0.5 l2=0.25 l1=0");
  for (const std::string name : {"fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias"}) {
    CAPTURE(name);
    const auto before = tensor(file, "before." + name), after = tensor(file, "after." + name);
    const auto gradient = tensor(file, "gradient." + name);
    const auto velocity = tensor(file, "velocity_after." + name);
    const float decay = name.ends_with("weight") ? 0.25F : 0.0F;
    for (std::size_t i = 0; i < before.size(); ++i) {
      const float expected = -0.125F * (gradient[i] / 2 + decay * before[i]);
      CHECK(velocity[i] == Approx(expected).margin(1e-6));
      CHECK(after[i] == Approx(before[i] + expected).margin(1e-6));
    }
    CHECK(before != after);
  }
}

TEST_CASE("a dumped mask is the one that training used", "[nodes][dump]") {
  Run run;
  StepDump dump = run.dump(2);
  run.step(dump);
  run.step(dump);
  for (std::uint32_t step = 0; step < 2; ++step) {
    const io::SafetensorsFile file(run.file(fmt::format("step-{:06}.safetensors", step)));
    const auto mask = tensor(file, "mask.drop1");
    for (std::uint32_t row = 0; row < 2; ++row) {
      std::vector<std::uint8_t> kept(3);
      dropout_mask({9, step, dropout_stream("drop1")}, 0.5, row, kept);
      CHECK(std::equal(kept.begin(), kept.end(), mask.begin() + 3 * row));
    }
  }
}

TEST_CASE("a dumped step holds what its layers read", "[nodes][dump]") {
  Run run;
  StepDump dump = run.dump(1);
  run.step(dump);
  const io::SafetensorsFile file(run.file("step-000000.safetensors"));
  const auto weights = tensor(file, "before.fc1.weight"), biases = tensor(file, "before.fc1.bias");
  const auto mask = tensor(file, "mask.drop1"), read = tensor(file, "read.fc2");
  REQUIRE(read.size() == 6);
  for (std::size_t i = 0; i < read.size(); ++i) {
    float sum = biases[i % 3];
    for (std::size_t k = 0; k < 4; ++k) sum += weights[i % 3 * 4 + k] * run.rows[i / 3 * 4 + k];
    CHECK(read[i] == Approx(sum * mask[i]).margin(1e-6));
  }
  CHECK(file.find("read.fc1") == nullptr);
}

TEST_CASE("a dump starts each step from where the one before it ended, and stops when asked",
          "[nodes][dump]") {
  Run run;
  StepDump dump = run.dump(2);
  for (int i = 0; i < 3; ++i) run.step(dump);
  const io::SafetensorsFile first(run.file("step-000000.safetensors"));
  const io::SafetensorsFile second(run.file("step-000001.safetensors"));
  CHECK(tensor(first, "after.fc1.weight") == tensor(second, "before.fc1.weight"));
  CHECK(tensor(first, "velocity_after.fc1.weight") == tensor(second, "velocity_before.fc1.weight"));
  CHECK(second.metadata().at("sluice.step") == "1");
  CHECK_FALSE(fs::exists(run.file("step-000002.safetensors")));
  CHECK(fs::file_size(run.file("step-000001.rows.npy")) == 128 + 8 * 4);
  CHECK_THAT(io::test::text_of(run.file("net.txt")), Catch::Contains("drop1"));
}

TEST_CASE("a step that does not come to its end leaves no file of its name", "[nodes][dump]") {
  Run run;
  {
    StepDump dump = run.dump(1);
    dump.before(run.batch, step_input(run.batch, run.clock));
    CHECK_FALSE(fs::exists(run.file("step-000000.safetensors")));
  }
  for (const auto& entry : fs::directory_iterator(run.file("")))
    CHECK(entry.path().filename() == "net.txt");
}

TEST_CASE("a dump into something that is no folder is refused with the key's name",
          "[nodes][dump]") {
  Run run;
  run.folder.add("dump", "a file");
  try {
    run.dump(1);
    FAIL("nothing was refused");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::usage);
    CHECK_THAT(error.what(), Catch::Contains("run.dump"));
  }
}

}  // namespace sluice::nodes
