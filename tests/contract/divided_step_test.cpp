// Micro-batches and replicas: the same step as the whole batch.
#include <algorithm>
#include <chrono>
#include <future>

#include "runtime/backend/make_backend.h"
#include "runtime/backend/replicas.h"
#include "runtime/error.h"
#include "tests/support/catch.h"
#include "tests/support/layer_cases.h"
#include "tests/support/steps.h"
#include "tests/support/tested_backends.h"

namespace sluice::test {
namespace {

constexpr int kSteps = 5;
constexpr double kTolerance = 1e-5;  // of each tensor's norm

Net small_net() {
  const auto conv = [](int out, Padding pad) {
    return Conv2d{.out_channels = out, .kernel = 3, .stride = 1, .pad = pad, .groups = 1};
  };
  const Start start{.weights = Start::Weights::he_normal};
  return {.name = "small",
          .channels = 3,
          .side = 12,
          .layers = {{"conv1", conv(8, {1, 1}), start, "a"},
                     {"relu1", Relu{}, {}, ""},
                     {"norm1", Lrn{.size = 3, .alpha = 0.1}, {}, ""},
                     {"pool1", MaxPool{.kernel = 3, .stride = 2}, {}, ""},
                     {"conv2", conv(16, {1, 1}), start, "b"},
                     {"relu2", Relu{}, {}, ""},
                     {"fc1", FullyConnected{32}, start, "c"},
                     {"relu3", Relu{}, {}, ""},
                     {"drop1", Dropout{.drop = 0.5}, {}, ""},
                     {"fc2", FullyConnected{5}, start, "d"},
                     {"loss", SoftmaxLoss{}, {}, ""}}};
}

struct Trained {
  std::vector<std::vector<float>> values, velocities;
  std::vector<float> scores, losses;
};

Trained train(const std::string& backend, const LayerCase& c, StepDivision division) {
  NetState state(c.net, 17);
  Trained trained;
  Arena arena(2);
  arena.run([&] {
    const auto made = tested_backend(backend);
    const auto program = compile_divided(
        *made, c.net, state, {.batch = c.batch, .purpose = Purpose::training}, division);
    for (int step = 0; step < kSteps; ++step) {
      const CaseData data = case_data(c, static_cast<std::uint64_t>(step) + 1);
      StepInput input = data.input();
      input.rate = 1e-3;
      input.step = static_cast<std::uint32_t>(step);
      for (const Phase phase : {Phase::forward, Phase::backward, Phase::update})
        run_now(*program, phase, input);
    }
    trained.scores.assign(program->scores().begin(), program->scores().end());
    trained.losses.assign(program->row_losses().begin(), program->row_losses().end());
  });
  for (std::size_t i = 0; i < state.parameters().size(); ++i) {
    trained.values.push_back(state.read(i));
    trained.velocities.push_back(state.read_velocity(i));
  }
  return trained;
}

void check_same(const LayerCase& c, StepDivision division) {
  for (const std::string& backend : tested_backends()) {
    CAPTURE(backend, division.replicas, division.micro_batch);
    const Trained whole = train(backend, c, {});
    const Trained parts = train(backend, c, division);
    for (std::size_t i = 0; i < whole.values.size(); ++i) {
      CAPTURE(i);
      CHECK(difference(parts.values[i], whole.values[i]) <= kTolerance);
      CHECK(difference(parts.velocities[i], whole.velocities[i]) <= kTolerance);
    }
    CHECK(difference(parts.losses, whole.losses) <= kTolerance);
  }
}

TEST_CASE("micro-batches train like the whole batch, dropout included", "[runtime][divided]") {
  const LayerCase c{.name = "whole", .net = small_net(), .batch = 8};
  check_same(c, {.replicas = 1, .micro_batch = GENERATE(4, 3, 1, 7)});
}

TEST_CASE("replicas train like one net, dropout included", "[runtime][divided]") {
  const LayerCase c{.name = "whole", .net = small_net(), .batch = 8};
  check_same(c, {.replicas = GENERATE(2, 3, 8), .micro_batch = 0});
}

TEST_CASE("replicas of micro-batches train like one net", "[runtime][divided]") {
  const LayerCase c{.name = "whole", .net = small_net(), .batch = 9};
  check_same(c, {.replicas = 2, .micro_batch = 2});
}

TEST_CASE("rows that do not count do not count in parts either", "[runtime][divided]") {
  const LayerCase c{.name = "uneven",
                    .net = small_net(),
                    .batch = 7,
                    .row_weights = {1, 0, 1, 1, 0, 0, 1},
                    .labels = Labels::two};
  check_same(c, GENERATE(StepDivision{.replicas = 1, .micro_batch = 2},
                         StepDivision{.replicas = 2, .micro_batch = 0},
                         StepDivision{.replicas = 3, .micro_batch = 2}));
}

TEST_CASE("a part whose rows all do not count changes nothing", "[runtime][divided]") {
  const LayerCase c{
      .name = "empty end", .net = small_net(), .batch = 4, .row_weights = {1, 1, 0, 0}};
  check_same(c, GENERATE(StepDivision{.replicas = 1, .micro_batch = 2},
                         StepDivision{.replicas = 2, .micro_batch = 0}));
}

TEST_CASE("in parts the scores of a batch that was not trained on are the same bits",
          "[runtime][divided]") {
  const LayerCase c{.name = "scores", .net = small_net(), .batch = 6};
  const CaseData data = case_data(c);
  Arena arena(1);
  arena.run([&] {
    NetState state(c.net, 3);
    const auto backend = tested_backend("reference");
    const ProgramOptions options{.batch = 6, .purpose = Purpose::evaluation, .keep = {"fc1"}};
    const auto whole = backend->compile(c.net, state, options);
    const auto parts =
        compile_divided(*backend, c.net, state, options, {.replicas = 1, .micro_batch = 4});
    run_now(*whole, Phase::forward, data.input());
    run_now(*parts, Phase::forward, data.input());
    CHECK(std::ranges::equal(whole->scores(), parts->scores()));
    CHECK(std::ranges::equal(whole->row_losses(), parts->row_losses()));
    CHECK(std::ranges::equal(whole->output("fc1").values(), parts->output("fc1").values()));
    CHECK(whole->output("fc1").shape() == parts->output("fc1").shape());
  });
}

TEST_CASE("replicas follow weights that were written from outside", "[runtime][divided]") {
  const LayerCase c{.name = "written", .net = small_net(), .batch = 4};
  const CaseData data = case_data(c);
  Arena arena(1);
  arena.run([&] {
    NetState state(c.net, 3);
    NetState other(c.net, 4);
    const auto backend = tested_backend("reference");
    const ProgramOptions options{.batch = 4, .purpose = Purpose::training};
    const auto parts = compile_divided(*backend, c.net, state, options, {.replicas = 2});
    run_now(*parts, Phase::forward, data.input());
    for (std::size_t i = 0; i < state.parameters().size(); ++i) state.write(i, other.read(i));
    run_now(*parts, Phase::forward, data.input());
    const auto whole = backend->compile(c.net, other, options);
    run_now(*whole, Phase::forward, data.input());
    CHECK(std::ranges::equal(whole->scores(), parts->scores()));
  });
}

TEST_CASE("a step in thousands of pieces ends like any other", "[runtime][divided]") {
  const Net net{.name = "tiny",
                .channels = 1,
                .side = 2,
                .layers = {{"fc", FullyConnected{5}, {}, "fc"}, {"loss", SoftmaxLoss{}, {}, ""}}};
  const LayerCase c{.name = "many", .net = net, .batch = 4096};
  const Trained parts = train("reference", c, {.replicas = 1, .micro_batch = 1});
  const Trained whole = train("reference", c, {});
  CHECK(difference(parts.values[0], whole.values[0]) <= kTolerance);
}

TEST_CASE("replicas take the layout that a state has already", "[runtime][divided]") {
  const LayerCase c{.name = "laid out", .net = small_net(), .batch = 8};
  const CaseData data = case_data(c);
  for (const std::string& first : tested_backends()) {
    for (const std::string& second : tested_backends()) {
      CAPTURE(first, second);
      Arena arena(2);
      arena.run([&] {
        const ProgramOptions options{.batch = 8, .purpose = Purpose::training};
        const auto values_after = [&](StepDivision division) {
          NetState state(c.net, 3);
          const auto before = tested_backend(first)->compile(c.net, state, options);
          const auto backend = tested_backend(second);
          const auto program = compile_divided(*backend, c.net, state, options, division);
          for (const Phase phase : {Phase::forward, Phase::backward, Phase::update})
            run_now(*program, phase, data.input());
          return state.read(0);
        };
        CHECK(difference(values_after({.replicas = 2}), values_after({})) <= kTolerance);
      });
    }
  }
}

TEST_CASE("phases of a step in parts come in order", "[runtime][divided]") {
  const LayerCase c{.name = "order", .net = small_net(), .batch = 4};
  const CaseData data = case_data(c);
  NetState state(c.net, 3);
  const auto backend = tested_backend("reference");
  const ProgramOptions options{.batch = 4, .purpose = Purpose::training};
  for (const StepDivision division :
       {StepDivision{.replicas = 2}, StepDivision{.replicas = 1, .micro_batch = 2}}) {
    const auto program = compile_divided(*backend, c.net, state, options, division);
    CHECK_THROWS_WITH(run_now(*program, Phase::backward, data.input()),
                      Catch::Contains("needs a forward before"));
    CHECK_THROWS_WITH(run_now(*program, Phase::curvature, data.input()),
                      Catch::Contains("no phase curvature"));
  }
}

TEST_CASE("a label outside the classes is named by its row of the whole batch",
          "[runtime][divided]") {
  const LayerCase c{.name = "bad label", .net = small_net(), .batch = 7};
  CaseData data = case_data(c);
  data.labels[5] = 12;
  const auto never = [](std::exception_ptr) { FAIL("done was called"); };
  for (const std::string& name : tested_backends()) {
    for (const Purpose purpose : {Purpose::training, Purpose::evaluation}) {
      for (const StepDivision division :
           {StepDivision{}, StepDivision{.replicas = 1, .micro_batch = 2},
            StepDivision{.replicas = 2}, StepDivision{.replicas = 2, .micro_batch = 3}}) {
        CAPTURE(name, division.replicas, division.micro_batch);
        NetState state(c.net, 3);
        const auto backend = tested_backend(name);
        const auto program =
            compile_divided(*backend, c.net, state, {.batch = 7, .purpose = purpose}, division);
        CHECK_THROWS_WITH(program->run(Phase::forward, data.input(), never),
                          Catch::Contains("label 12 of row 5 is outside the 5 classes"));
      }
    }
  }
}

// The pieces' program, which notes what it is asked to upload.
class Uploading final : public Program {
 public:
  using Seen = std::vector<StepInput>;
  explicit Uploading(Seen& seen) : seen_(seen) {}
  void upload(const StepInput& input, Completion done) override {
    seen_.push_back(input);
    done(nullptr);
  }
  bool uploads() const override { return true; }
  bool takes_bytes() const override { return true; }
  RowMemory row_memory() const override {
    return [](std::size_t) { return std::make_shared<std::byte>(std::byte{7}); };
  }
  void run(Phase, const StepInput&, Completion done) override { done(nullptr); }
  std::span<const float> scores() const override { return {}; }
  std::span<const float> row_losses() const override { return {}; }
  Tensor output(std::string_view) const override { return {}; }
  std::size_t bytes() const override { return 0; }

 private:
  Seen& seen_;
};

class UploadingBackend final : public Backend {
 public:
  std::string_view name() const override { return "uploading"; }
  std::unique_ptr<Program> compile(const Net&, NetState&, const ProgramOptions&) override {
    return std::make_unique<Uploading>(seen);
  }
  Uploading::Seen seen;
};

TEST_CASE("an upload of a step in parts is one of each part's rows, where they stand",
          "[runtime][divided]") {
  const LayerCase c{.name = "uploaded", .net = small_net(), .batch = 7};
  const std::size_t row = 12 * 12 * 3;
  const std::vector<std::byte> bytes(7 * row);
  const std::vector<RowTransform> transforms(7);
  const CaseData data = case_data(c);
  StepInput input = data.input();
  input.rows = {};
  input.row_bytes = bytes;
  input.transforms = transforms;
  input.first_row = 0;
  NetState state(c.net, 3);
  const auto first_rows = [&](StepDivision division) {
    UploadingBackend backend;
    const auto program = compile_divided(backend, c.net, state,
                                         {.batch = 7, .purpose = Purpose::training}, division);
    CHECK(program->uploads());
    CHECK(program->takes_bytes());
    CHECK(*program->row_memory()(1) == std::byte{7});
    int told = 0;
    program->upload(input, [&](std::exception_ptr failure) { told += failure ? 100 : 1; });
    CHECK(told == 1);
    std::vector<std::ptrdiff_t> first;
    for (const StepInput& part : backend.seen) {
      first.push_back((part.row_bytes.data() - bytes.data()) / static_cast<std::ptrdiff_t>(row));
      CHECK(part.transforms.data() == transforms.data() + first.back());
      CHECK(part.row_bytes.size() == part.labels.size() * row);
      CHECK(part.first_row == static_cast<std::uint32_t>(first.back()));
    }
    return first;
  };
  using Rows = std::vector<std::ptrdiff_t>;
  CHECK(first_rows({.replicas = 1, .micro_batch = 3}) == Rows{0, 3, 4});
  CHECK(first_rows({.replicas = 1, .micro_batch = 2}) == Rows{0, 2, 4, 5});
  CHECK(first_rows({.replicas = 2}) == Rows{0, 3});
  CHECK(first_rows({.replicas = 2, .micro_batch = 3}) == Rows{0, 1, 3, 4});
}

TEST_CASE("rows of bytes are refused by who does not take them, whole and in parts",
          "[runtime][divided]") {
  const LayerCase c{.name = "bytes", .net = small_net(), .batch = 4};
  const CaseData data = case_data(c);
  const std::vector<std::byte> bytes(data.rows.size());
  StepInput input = data.input();
  input.rows = {};
  input.row_bytes = bytes;
  const auto never = [](std::exception_ptr) { FAIL("done was called"); };
  for (const std::string& name : available_backends()) {
    for (const StepDivision division :
         {StepDivision{}, StepDivision{.replicas = 1, .micro_batch = 2},
          StepDivision{.replicas = 2}}) {
      CAPTURE(name, division.replicas, division.micro_batch);
      NetState state(c.net, 3);
      const auto backend = make_backend(name);
      const auto program = compile_divided(*backend, c.net, state, {.batch = 4}, division);
      if (program->takes_bytes()) continue;
      CHECK_THROWS_WITH(program->run(Phase::forward, input, never),
                        "net small: rows of bytes for a program that takes none; valid: rows of "
                        "floats");
    }
  }
}

TEST_CASE("a device that leaves no gradients takes steps in parts too", "[runtime][divided]") {
  const LayerCase c{.name = "device", .net = small_net(), .batch = 8};
  const CaseData data = case_data(c);
  for (const StepDivision division :
       {StepDivision{.replicas = 1, .micro_batch = 2}, StepDivision{.replicas = 2},
        StepDivision{.replicas = 3, .micro_batch = 1}}) {
    CAPTURE(division.replicas, division.micro_batch);
    NetState state(c.net, 3);
    const auto device = make_waiting_backend(std::chrono::milliseconds(0));
    const auto program = compile_divided(*device, c.net, state,
                                         {.batch = 8, .purpose = Purpose::training}, division);
    for (const Phase phase : {Phase::forward, Phase::backward, Phase::update}) {
      std::promise<std::exception_ptr> told;
      program->run(phase, data.input(),
                   [&](std::exception_ptr failure) { told.set_value(failure); });
      CHECK(told.get_future().get() == nullptr);
    }
    CHECK(program->scores().size() == 40);
  }
}

TEST_CASE("a division that cannot be is refused", "[runtime][divided]") {
  const LayerCase c{.name = "refused", .net = small_net(), .batch = 4};
  NetState state(c.net, 3);
  const auto backend = tested_backend("reference");
  ProgramOptions options{.batch = 4, .purpose = Purpose::training};
  const auto with = [&](StepDivision division) {
    return compile_divided(*backend, c.net, state, options, division);
  };
  CHECK_THROWS_WITH(with({.replicas = 5}), Catch::Contains("5 replicas for a batch of 4"));
  CHECK_THROWS_WITH(with({.replicas = 0}), Catch::Contains("valid: 1 to the batch"));
  CHECK_THROWS_WITH(with({.replicas = 1, .micro_batch = -1}), Catch::Contains("micro-batch of -1"));
  options.rule = DiagonalLmRule{};
  CHECK_THROWS_WITH(with({.replicas = 2}), Catch::Contains("2 replicas cannot share"));
}

}  // namespace
}  // namespace sluice::test
