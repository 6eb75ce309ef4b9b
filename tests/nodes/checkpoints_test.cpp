#include "nodes/run/checkpoints.h"

#include <string>

#include "io/run_folder.h"
#include "runtime/error.h"
#include "tests/io/temp_folder.h"
#include "tests/support/catch.h"

namespace sluice::nodes {
namespace {

namespace fs = std::filesystem;

Net small_net() {
  return {.name = "tiny",
          .variant = "test",
          .channels = 3,
          .side = 4,
          .layers = {{"fc", FullyConnected{.out_features = 2}, {}, "fc"},
                     {"loss", SoftmaxLoss{}, {}, ""}}};
}

// A run without pipelines: steps are counted by hand.
struct Run {
  io::test::TempFolder folder;
  io::RunFolder out{folder / "run"};
  Net net = small_net();
  NetState state{net, 1};
  std::int64_t steps = 0;
  std::optional<Checkpoints> checkpoints;

  explicit Run(const std::string& rhythm, std::size_t keep = 100) {
    state.prepare_training();
    checkpoints.emplace(checkpoint_rhythm(rhythm),
                        std::make_unique<CheckpointWriter>(out, net, keep), state, 0,
                        [this] { return describe(); });
  }
  io::Checkpoint describe() const {
    return {.weights = {.net = "tiny", .variant = "test"},
            .state = {.step = steps},
            .data = {},
            .backend = "reference",
            .threads = 1};
  }
  void step() {
    ++steps;
    checkpoints->after_update(steps);
    checkpoints->after_report(steps);
  }
  std::vector<std::int64_t> written() const {
    std::vector<std::int64_t> found;
    for (const io::CheckpointFile& file : io::list_checkpoints(out.path()))
      found.push_back(file.step);
    return found;
  }
};

}  // namespace

TEST_CASE("a rhythm is steps, a time or never", "[nodes][checkpoints]") {
  CHECK(checkpoint_rhythm("50").steps == 50);
  CHECK(checkpoint_rhythm("30s").seconds == 30.0);
  CHECK(checkpoint_rhythm("10m").seconds == 600.0);
  CHECK(checkpoint_rhythm("2h").seconds == 7200.0);
  CHECK(checkpoint_rhythm("0").never());
  for (const char* text :
       {"", "m", "-1", "1.5", "10x", "10mm", "0m", " 5", "99999999999999999999"}) {
    CAPTURE(text);
    try {
      checkpoint_rhythm(text);
      FAIL("nothing was refused");
    } catch (const Error& error) {
      CHECK(error.kind() == ErrorKind::usage);
      CHECK_THAT(error.what(), Catch::Contains("run.checkpoint_every"));
    }
  }
}

TEST_CASE("a checkpoint is written at each multiple of the steps, the newest stay",
          "[nodes][checkpoints]") {
  Run run("4", 2);
  for (int i = 0; i < 19; ++i) {
    run.step();
    run.checkpoints->wait();
  }
  CHECK(run.written() == std::vector<std::int64_t>{16, 12});
  CHECK(run.checkpoints->cpu_seconds() > 0.0);
}

TEST_CASE("a checkpoint holds the net of its step, whatever is trained meanwhile",
          "[nodes][checkpoints]") {
  Run run("1");
  run.steps = 1;
  const std::vector<float> before = run.state.read(0);
  run.checkpoints->after_update(1);
  run.state.write(0, std::vector<float>(before.size(), 5.0F));  // the next step
  run.checkpoints->after_report(1);
  run.checkpoints->wait();
  NetState read(run.net, 9);
  read.prepare_training();
  io::read_checkpoint_net(io::checkpoint_path(run.out.path(), 1), run.net, read);
  CHECK(read.read(0) == before);
}

TEST_CASE("a checkpoint can be written at once, over an older one of that step",
          "[nodes][checkpoints]") {
  Run run("1000");
  Arena arena(1);
  for (int i = 0; i < 3; ++i) run.step();
  CHECK(run.written().empty());
  run.checkpoints->write_now(arena, run.describe());
  io::Checkpoint later = run.describe();
  later.state.epoch = 7;
  run.checkpoints->write_now(arena, later);
  CHECK(run.written() == std::vector<std::int64_t>{3});
  CHECK(io::read_checkpoint(io::checkpoint_path(run.out.path(), 3)).state.epoch == 7);
}

TEST_CASE("a run that ends with a checkpoint under way finishes it first", "[nodes][checkpoints]") {
  for (int i = 0; i < 20; ++i) {
    Run run("1");
    run.step();
    run.checkpoints.reset();
    CHECK(run.written() == std::vector<std::int64_t>{1});
  }
}

TEST_CASE("a checkpoint that cannot be written is told at the next step, older ones stay",
          "[nodes][checkpoints]") {
  Run run("1");
  run.step();
  run.checkpoints->wait();
  const fs::path checkpoints = run.out.path() / "checkpoints";
  fs::rename(checkpoints, run.out.path() / "moved");
  run.step();
  try {
    for (int i = 0; i < 100; ++i) {
      run.checkpoints->wait();
      run.step();
    }
    FAIL("nothing was told");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::run);
    CHECK_THAT(error.what(), Catch::Contains("step-000000002") && Catch::Contains("No such file"));
  }
  CHECK(fs::exists(run.out.path() / "moved/step-000000001.safetensors"));
}

}  // namespace sluice::nodes
