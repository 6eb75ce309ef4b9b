#include "io/checkpoint.h"

#include <limits>

#include "io/run_folder.h"
#include "io/training_state_json.h"
#include "tests/io/temp_folder.h"
#include "tests/support/catch.h"

using namespace sluice;
using namespace sluice::io;
using Catch::Contains;
using test::TempFolder;
using test::text_of;
using test::thrown;

namespace {

Net small_net() {
  Net net{.name = "tiny", .variant = "paper", .channels = 3, .side = 8, .layers = {}};
  net.layers.push_back({"conv1", Conv2d{.out_channels = 4, .kernel = 3}, {}, "features.0"});
  net.layers.push_back({"fc2", FullyConnected{.out_features = 2}, {}, "classifier.1"});
  net.layers.push_back({"loss", SoftmaxLoss{}, {}, ""});
  return net;
}

// No field has the value that it starts with.
TrainingState odd_state() {
  TrainingState state{.step = 1234567,
                      .epoch = 3,
                      .run_images = 99,
                      .schedule = {.rate = 0.1 / 3,
                                   .best_top1 = 1.0 / 7,
                                   .epochs_since_best = 2,
                                   .divisions_done = 1,
                                   .finished = true},
                      .best_top1 = 2.0 / 7,
                      .epoch_images = 16,
                      .epoch_good = 15,
                      .epoch_bad = 1,
                      .epoch_loss = 1e300 / 3,
                      .epoch_seconds = 1.5,
                      .first_bad = "odd \xFF%: broken",
                      .epochs = {},
                      .bad_files = {"a/b.jpg", "new\nline", "\xC3\x28"},
                      .tables = {.steps = 10, .epochs = 20, .bad_files = 30}};
  state.epochs.push_back({.epoch = 1,
                          .train_loss = 0.1,
                          .val_top1 = 0.2,
                          .val_top5 = 0.3,
                          .val_per_class = 0.4,
                          .seconds = 5});
  state.epochs.push_back({.epoch = 2,
                          .train_loss = std::numeric_limits<double>::denorm_min(),
                          .val_top1 = {},
                          .val_top5 = {},
                          .val_per_class = {},
                          .seconds = 5});
  return state;
}

Checkpoint odd_checkpoint() {
  Checkpoint checkpoint{.weights = {.net = "tiny",
                                    .variant = "paper",
                                    .classes = {"a b", "caf\xE9"},
                                    .input_chain = "",
                                    .statistics = {},
                                    .recipe = "seed = 1\n"},
                        .state = odd_state(),
                        .data = {.train_images = 60,
                                 .val_images = 30,
                                 .files = "0123456789abcdef",
                                 .times = "fedcba9876543210"},
                        .backend = "onednn",
                        .threads = 2};
  checkpoint.weights.statistics.images = 5;
  checkpoint.weights.statistics.mean_extent = {2, 1};
  checkpoint.weights.statistics.mean_image = {1, 2, 3, 4, 5, 6};
  return checkpoint;
}

void write(const std::filesystem::path& path, const Net& net, const NetState& state) {
  NetCopy copy(state);
  copy.take(state);
  write_checkpoint(path, net, copy, odd_checkpoint());
}

void fill_velocities(NetState& state, float first) {
  state.prepare_training();
  for (std::size_t i = 0; i < state.parameters().size(); ++i) {
    std::vector<float> velocity = state.read_velocity(i);
    for (float& value : velocity) value = first += 0.125F;
    state.write_velocity(i, velocity);
  }
}

}  // namespace

TEST_CASE("a checkpoint comes back exactly, weights and velocities too", "[io][checkpoint]") {
  const TempFolder folder;
  const Net net = small_net();
  NetState state(net, 1);
  fill_velocities(state, 1.0F);
  write(folder / "c", net, state);

  const Checkpoint read = read_checkpoint(folder / "c");
  const Checkpoint expected = odd_checkpoint();
  CHECK(read.weights == expected.weights);
  CHECK(read.state == expected.state);
  CHECK(read.data == expected.data);
  CHECK(read.backend == "onednn");
  CHECK(read.threads == 2);

  NetState other(net, 2);
  fill_velocities(other, 7.0F);
  read_checkpoint_net(folder / "c", net, other);
  for (std::size_t i = 0; i < state.parameters().size(); ++i) {
    CHECK(other.read(i) == state.read(i));
    CHECK(other.read_velocity(i) == state.read_velocity(i));
  }
}

TEST_CASE("a copy of a net does not follow the net", "[io][checkpoint]") {
  const TempFolder folder;
  const Net net = small_net();
  NetState state(net, 1);
  fill_velocities(state, 1.0F);
  const std::vector<float> before = state.read(0);
  NetCopy copy(state);
  copy.take(state);
  state.write(0, std::vector<float>(before.size(), 9.0F));
  write_checkpoint(folder / "c", net, copy, odd_checkpoint());
  NetState other(net, 2);
  other.prepare_training();
  read_checkpoint_net(folder / "c", net, other);
  CHECK(other.read(0) == before);
}

TEST_CASE("a checkpoint serves as a weights file", "[io][checkpoint]") {
  const TempFolder folder;
  const Net net = small_net();
  NetState state(net, 1);
  state.prepare_training();
  write(folder / "c", net, state);
  NetState other(net, 2);
  read_weights(folder / "c", net, other);
  CHECK(other.read(0) == state.read(0));
  CHECK(read_weights_info(folder / "c").classes == odd_checkpoint().weights.classes);
}

TEST_CASE("a damaged checkpoint is refused before anything of it is used", "[io][checkpoint]") {
  const TempFolder folder;
  const Net net = small_net();
  NetState state(net, 1);
  state.prepare_training();
  write(folder / "c", net, state);
  const std::string whole = text_of(folder / "c");
  NetState other(net, 2);
  other.prepare_training();
  const std::vector<float> before = other.read(0);
  for (std::size_t at = 0; at < whole.size(); at += 37) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
    folder.add("c", damaged);
    CAPTURE(at);
    CHECK_THAT(thrown([&] { read_checkpoint(folder / "c"); }), Contains("2: "));
    CHECK_THAT(thrown([&] { read_checkpoint_net(folder / "c", net, other); }), Contains("2: "));
  }
  CHECK(other.read(0) == before);
  for (std::size_t size : {std::size_t{0}, std::size_t{7}, whole.size() / 2, whole.size() - 1}) {
    folder.add("c", whole.substr(0, size));
    CHECK_THAT(thrown([&] { read_checkpoint(folder / "c"); }), Contains("2: "));
  }
}

TEST_CASE("weights alone are no checkpoint", "[io][checkpoint]") {
  const TempFolder folder;
  const Net net = small_net();
  NetState state(net, 1);
  state.prepare_training();
  write_weights(folder / "w", net, state, odd_checkpoint().weights);
  CHECK_THAT(thrown([&] { read_checkpoint(folder / "w"); }), Contains("sluice.state"));
  CHECK_THAT(thrown([&] { read_checkpoint_net(folder / "w", net, state); }),
             Contains("no velocity of"));
}

TEST_CASE("a state that would take too much memory to read is refused on the way",
          "[io][checkpoint]") {
  const auto error = [](const std::string& text) {
    return thrown([&] { training_state_from(text, "c"); });
  };
  CHECK_THAT(error(std::string(1'000'000, '[')), Contains("nested deeper than 3"));
  CHECK_THAT(error("{\"a\":[" + std::string(5'000'000, '0') + "]}"), Contains("2: "));
  std::string many = "[0";
  for (int i = 0; i < 2'000'001; ++i) many += ",0";
  CHECK_THAT(error(many + "]"), Contains("more than 2000000 values"));
  CHECK_THAT(error(std::string((std::size_t{32} << 20) + 1, ' ')),
             Contains("takes 33554433 bytes"));
  CHECK_THAT(error("[]"), Contains("is not a JSON object"));
  CHECK_THAT(error("{"), Contains("is not a JSON object"));
}

TEST_CASE("checkpoints of a folder are listed newest first, and only the newest stay",
          "[io][checkpoint]") {
  const TempFolder folder;
  for (const char* name :
       {"step-000000005.safetensors", "step-000000100.safetensors", "step-000000020.safetensors",
        "step-x.safetensors", "step-000000007.safetensors.damaged", "notes.txt",
        "step--1.safetensors"})
    folder.add("checkpoints/" + std::string(name), "x");
  const auto files = list_checkpoints(folder.path());
  REQUIRE(files.size() == 3);
  CHECK(files[0].step == 100);
  CHECK(files[2].step == 5);
  CHECK(files[1].path == checkpoint_path(folder.path(), 20));
  prune_checkpoints(folder.path(), 20, 1);  // what is newer is not of this run's past
  REQUIRE(list_checkpoints(folder.path()).size() == 2);
  CHECK(list_checkpoints(folder.path())[0].step == 100);
  CHECK(list_checkpoints(folder.path())[1].step == 20);
  CHECK(std::filesystem::exists(folder / "checkpoints/notes.txt"));
  CHECK(std::filesystem::exists(folder / "checkpoints/step-000000007.safetensors.damaged"));
  CHECK(list_checkpoints(folder / "nowhere").empty());
  folder.add("lost/x", "");
  std::filesystem::create_symlink("/not/mounted", folder / "lost/checkpoints");
  CHECK_THAT(thrown([&] { list_checkpoints(folder / "lost"); }),
             Contains("2: cannot read the folder") && Contains("checkpoints"));
}

TEST_CASE("a run folder that goes on keeps its tables up to the checkpoint", "[io][checkpoint]") {
  const TempFolder folder;
  TableBytes kept;
  std::string steps;
  {
    RunFolder run(folder / "run");
    run.add_step({.step = 1, .epoch = 1, .images = 8, .loss = 1.0});
    kept = run.table_bytes();
    run.sync_tables();
    steps = text_of(folder / "run/steps.csv");
    run.add_step({.step = 2, .epoch = 1, .images = 16, .loss = 1.0});
    run.add_bad_file("a.jpg", {"broken", 1});
  }
  folder.add("run/nodes.json", "old");
  folder.add("run/timeline.json", "old moments");
  folder.add("run/weights.safetensors.12.partial", "half");
  folder.add("run/checkpoints/step-000000002.safetensors.12.partial", "half");
  {
    RunFolder run(folder / "run", lock_run_folder(folder / "run"), kept);
    CHECK(text_of(folder / "run/steps.csv") == steps);
    CHECK(text_of(folder / "run/nodes.json") == "old");
    run.set_older_account_aside();
    CHECK(run.table_bytes() == kept);
    CHECK_THAT(thrown([&] { lock_run_folder(folder / "run"); }), Contains("in use by another run"));
    run.add_step({.step = 2, .epoch = 1, .images = 16, .loss = 2.0});
  }
  CHECK_THAT(text_of(folder / "run/steps.csv"), Catch::EndsWith("\n2,1,16,2,0,0\n"));
  CHECK(text_of(folder / "run/nodes.1.json") == "old");
  CHECK(text_of(folder / "run/timeline.1.json") == "old moments");
  CHECK_FALSE(std::filesystem::exists(folder / "run/weights.safetensors.12.partial"));
  CHECK(std::filesystem::is_empty(folder / "run/checkpoints"));
}

TEST_CASE("tables that somebody has changed are not gone on with", "[io][checkpoint]") {
  const TempFolder folder;
  TableBytes kept;
  {
    RunFolder run(folder / "run");
    run.add_step({.step = 1, .epoch = 1, .images = 8, .loss = 1.0});
    kept = run.table_bytes();
  }
  const auto open = [&] { RunFolder run(folder / "run", lock_run_folder(folder / "run"), kept); };
  CHECK(thrown(open) == "nothing");
  folder.add("run/steps.csv", std::string(kept.steps, 'x'));
  CHECK_THAT(thrown(open), Contains("2: ") && Contains("steps.csv was changed"));
  folder.add("run/steps.csv", "short\n");
  CHECK_THAT(thrown(open), Contains("steps.csv was changed"));
}

TEST_CASE("data are the same when names, labels and sizes are", "[io][checkpoint]") {
  Split split;
  split.train.classes = split.val.classes = {"a", "b"};
  split.train.entries = {{"a/1.jpg", 0, 10, 5}, {"b/2.jpg", 1, 20, 6}};
  const DataIdentity was = identity_of(split);
  CHECK(identity_difference(was, identity_of(split)).empty());
  Split touched = split;
  touched.train.entries[0].mtime_ns = 7;
  CHECK(identity_difference(was, identity_of(touched)).empty());
  CHECK(identity_of(touched).times != was.times);
  Split larger = split;
  larger.train.entries[1].bytes = 21;
  CHECK_THAT(identity_difference(was, identity_of(larger)), Contains("names, labels or sizes"));
  Split moved = split;  // from one part to the other
  moved.val.entries.push_back(moved.train.entries.back());
  moved.train.entries.pop_back();
  CHECK_THAT(identity_difference(was, identity_of(moved)), Contains("were 2 and 0"));
}
