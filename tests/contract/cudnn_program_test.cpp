// What is particular to programs of the cuDNN backend, on a device that computes in plain loops:
// phases that are enqueued, bf16, whole nets.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <future>
#include <memory>
#include <thread>
#include <vector>

#include "nodes/nets/alexnet.h"
#include "nodes/nets/lenet.h"
#include "runtime/backend/bf16.h"
#include "runtime/backend/cudnn/cudnn.h"
#include "runtime/backend/cudnn/program.h"
#include "runtime/backend/make_backend.h"
#include "runtime/error.h"
#include "tests/contract/cudnn_trial.h"
#include "tests/support/catch.h"
#include "tests/support/fake_device.h"
#include "tests/support/layer_cases.h"
#include "tests/support/steps.h"

namespace sluice::test {
namespace {

LayerCase small_lenet(int batch) {
  return {.name = "LeNet-5 of 1998", .net = nodes::lenet({.variant = "1998"}), .batch = batch};
}

LayerCase small_alexnet(int batch) {
  LayerCase c{
      .name = "AlexNet", .net = nodes::alexnet({.classes = 4, .width = 0.05}), .batch = batch};
  for (Layer& layer : c.net.layers) layer.start = {.weights = Start::Weights::he_normal};
  return c;
}

// What steps leave behind, canonical.
struct Outcome {
  std::vector<float> scores;
  std::vector<std::vector<float>> values, gradients;
};

struct How {
  int steps = 1;
  UpdateRule rule = SgdRule{};
  Precision precision = Precision::f32;
  double rate = 0.01;
};

Outcome train(Backend& backend, const LayerCase& c, const How& how) {
  NetState state(c.net, kStateSeed);
  const CaseData data = case_data(c);
  Outcome outcome;
  Arena arena(2);
  arena.run([&] {
    const auto program = backend.compile(c.net, state,
                                         {.batch = c.batch,
                                          .purpose = Purpose::training,
                                          .rule = how.rule,
                                          .precision = how.precision});
    StepInput input = data.input();
    input.rate = how.rate;
    for (int step = 0; step < how.steps; ++step, ++input.step)
      for (const Phase phase : kStep) run_now(*program, phase, input);
    outcome.scores.assign(program->scores().begin(), program->scores().end());
    for (std::size_t i = 0; i < state.parameters().size(); ++i) {
      outcome.values.push_back(state.read(i));
      outcome.gradients.push_back(canonical_gradient(state.parameters()[i]));
    }
  });
  return outcome;
}

}  // namespace

TEST_CASE("LeNet-5 of 1998 on a device follows the reference under every rule", "[cudnn]") {
  const LayerCase c = small_lenet(2);
  for (const UpdateRule& rule :
       std::vector<UpdateRule>{SgdRule{}, SgdRule{.form = SgdRule::Form::pytorch},
                               SgdRule{.form = SgdRule::Form::nesterov}, DiagonalLmRule{}}) {
    CAPTURE(rule.index());
    const How how{.steps = 4, .rule = rule, .rate = 2e-4};
    const Outcome found = train(*on(make_fake_device()), c, how);
    const Outcome expected = train(*make_backend("reference"), c, how);
    CHECK(difference(found.scores, expected.scores) <= 1e-4);
    for (std::size_t i = 0; i < expected.values.size(); ++i) {
      CAPTURE(i);
      CHECK(difference(found.values[i], expected.values[i]) <= 1e-5);
      CHECK(difference(found.gradients[i], expected.gradients[i]) <= 1e-4);
    }
  }
}

TEST_CASE("a narrow AlexNet on a device follows the reference", "[cudnn]") {
  const LayerCase c = small_alexnet(3);
  const Outcome found = train(*on(make_fake_device()), c, {.steps = 2});
  const Outcome expected = train(*make_backend("reference"), c, {.steps = 2});
  CHECK(difference(found.scores, expected.scores) <= 1e-4);
  for (std::size_t i = 0; i < expected.values.size(); ++i) {
    CAPTURE(i);
    CHECK(difference(found.values[i], expected.values[i]) <= 1e-5);
    CHECK(difference(found.gradients[i], expected.gradients[i]) <= 1e-4);
  }
}

TEST_CASE("parameters larger than the pieces they are copied in arrive whole", "[cudnn]") {
  LayerCase c{.name = "wide", .net = {.name = "wide", .channels = 3, .side = 40}, .batch = 2};
  c.net.layers = {{"fc1", FullyConnected{900}, {.deviation = 0.02, .bias = 0.1}, "a"},
                  {"relu", Relu{}},
                  {"fc2", FullyConnected{4}, {.deviation = 0.1}, "b"},
                  {"loss", SoftmaxLoss{}}};
  const Outcome found = train(*on(make_fake_device()), c, {.steps = 2, .rate = 1e-5});
  const Outcome expected = train(*make_backend("reference"), c, {.steps = 2, .rate = 1e-5});
  CHECK(found.values[0].size() * sizeof(float) > std::size_t{16} << 20);
  for (std::size_t i = 0; i < expected.values.size(); ++i) {
    CAPTURE(i);
    CHECK(difference(found.values[i], expected.values[i]) <= 1e-5);
    CHECK(difference(found.gradients[i], expected.gradients[i]) <= 1e-4);
  }
}

TEST_CASE("sharing memory by lifetime changes no bit", "[cudnn][memory]") {
  for (const LayerCase& c : {small_lenet(2), small_alexnet(2), layer_case("a small net")}) {
    CAPTURE(c.name);
    std::vector<std::vector<float>> values;
    for (const Sharing sharing : {Sharing::by_lifetime, Sharing::none}) {
      const auto device = make_fake_device();
      const cudnn::DeviceAccess access{.device = device,
                                       .reason = {},
                                       .pinned = std::make_shared<cudnn::PinnedRows>(device),
                                       .record = {}};
      NetState state(c.net, kStateSeed);
      const CaseData data = case_data(c);
      cudnn::CudnnProgram program(c.net, state, {.batch = c.batch, .purpose = Purpose::training},
                                  access, sharing);
      for (const Phase phase : kStep) run_now(program, phase, data.input());
      for (const Phase phase : kStep) run_now(program, phase, data.input());
      values.emplace_back(program.scores().begin(), program.scores().end());
      for (std::size_t i = 0; i < state.parameters().size(); ++i) values.push_back(state.read(i));
    }
    const std::size_t half = values.size() / 2;
    for (std::size_t i = 0; i < half; ++i) CHECK(values[i] == values[half + i]);
  }
}

TEST_CASE("bf16 on a device follows the reference on every layer", "[cudnn][bf16]") {
  for (const LayerCase& c : layer_cases()) {
    CAPTURE(c.name);
    const bool whole = c.net.layers.size() > 6;  // ReLUs and windows that rounding turns
    const Outcome found = train(*on(make_fake_device()), c, {.precision = Precision::bf16});
    const Outcome expected = train(*make_backend("reference"), c, {});
    CHECK(difference(counting(c, found.scores), counting(c, expected.scores)) <= 2e-2);
    const std::vector<ParameterInfo> infos = parameters(c.net);
    for (std::size_t i = 0; i < infos.size(); ++i) {
      CAPTURE(infos[i].file_name, i);
      const bool weights = infos[i].role == ParameterRole::weights;
      CHECK(difference(found.gradients[i], expected.gradients[i]) <= (whole     ? 0.25
                                                                      : weights ? 5e-2
                                                                                : 0.15));
    }
  }
}

TEST_CASE("masters, gradients and scores stay f32 on a device in bf16", "[cudnn][bf16]") {
  const Outcome found =
      train(*on(make_fake_device()), small_alexnet(4), {.precision = Precision::bf16});
  const auto is_bf16 = [](float value) { return to_float(rounded_to<Bf16>(value)) == value; };
  CHECK_FALSE(std::ranges::all_of(found.scores, is_bf16));
  for (std::size_t i = 0; i < found.values.size(); i += 2) {
    CHECK_FALSE(std::ranges::all_of(found.values[i], is_bf16));
    CHECK_FALSE(std::ranges::all_of(found.gradients[i], is_bf16));
  }
}

TEST_CASE("phases and uploads return while the device has done nothing", "[cudnn]") {
  const LayerCase c = layer_case("a small net");
  const CaseData data = case_data(c), next = case_data(c, 2);
  const auto device = make_fake_device();
  NetState state(c.net, kStateSeed);
  const auto backend = on(device);
  const auto program =
      backend->compile(c.net, state, {.batch = c.batch, .purpose = Purpose::training});
  for (const Phase phase : kStep) run_now(*program, phase, data.input());  // memory is there now
  device->hold();
  Asked upload, upload_next, forward, backward, update;
  program->upload(data.input(), upload.told());
  program->run(Phase::forward, data.input(), forward.told());
  program->upload(next.input(), upload_next.told());
  program->run(Phase::backward, data.input(), backward.told());
  program->run(Phase::update, data.input(), update.told());
  for (const Asked* asked : {&upload, &upload_next, &forward, &backward})
    CHECK(asked->times() == 1);
  CHECK(update.times() == 0);
  device->go_on();
  REQUIRE(update.comes());
  CHECK(update.failure() == nullptr);
}

TEST_CASE("a state is held until the device is done with a step", "[cudnn]") {
  const LayerCase c = layer_case("a small net");
  const CaseData data = case_data(c);
  const auto device = make_fake_device();
  NetState state(c.net, kStateSeed);
  const auto backend = on(device);
  const auto training =
      backend->compile(c.net, state, {.batch = c.batch, .purpose = Purpose::training});
  const auto evaluation = backend->compile(c.net, state, {.batch = c.batch});
  run_now(*evaluation, Phase::forward, data.input());
  for (const Phase phase : kStep) run_now(*training, phase, data.input());
  device->hold();
  Asked update, refused;
  for (const Phase phase : {Phase::forward, Phase::backward})
    training->run(phase, data.input(), [](std::exception_ptr) {});
  training->run(Phase::update, data.input(), update.told());
  evaluation->run(Phase::forward, data.input(), refused.told());
  REQUIRE(refused.times() == 1);
  CHECK_THROWS_WITH(std::rethrow_exception(refused.failure()), Catch::Contains("two programs"));
  device->go_on();
  REQUIRE(update.comes());
  run_now(*evaluation, Phase::forward, data.input());  // it was only refused
}

TEST_CASE("the time of phases, copies and idling adds up to the time that passed", "[cudnn]") {
  const LayerCase c = layer_case("a small net");
  const CaseData data = case_data(c);
  const auto device = make_fake_device(
      {.a_recording = std::chrono::milliseconds(4), .a_copy = std::chrono::milliseconds(2)});
  const auto backend = on(device);
  NetState state(c.net, kStateSeed);
  const auto program =
      backend->compile(c.net, state, {.batch = c.batch, .purpose = Purpose::training});
  for (const Phase phase : kStep) run_now(*program, phase, data.input());
  const DeviceTimes first = *program->device_times();
  const auto begin = std::chrono::steady_clock::now();
  for (int step = 0; step < 10; ++step)
    for (const Phase phase : kStep) run_now(*program, phase, data.input());
  const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - begin;
  const DeviceTimes times = *program->device_times();
  CHECK(times.device == "fake device");
  CHECK(times.forward_seconds - first.forward_seconds >= 10 * 0.008);
  CHECK(times.backward_seconds - first.backward_seconds >= 10 * 0.004);
  CHECK(times.update_seconds - first.update_seconds >= 10 * 0.004);
  CHECK(times.copy_seconds - first.copy_seconds >= 10 * 0.002);
  const double all = times.forward_seconds + times.backward_seconds + times.update_seconds +
                     times.idle_seconds - first.forward_seconds - first.backward_seconds -
                     first.update_seconds - first.idle_seconds;
  CHECK(all == Approx(passed.count()).epsilon(0.2));
  CHECK(times.bytes_held > 0);
}

TEST_CASE("without a device a program says why it does not run", "[cudnn]") {
  const LayerCase c = layer_case("a small net");
  const CaseData data = case_data(c);
  NetState state(c.net, kStateSeed);
  const auto backend = make_cudnn_backend({.device = nullptr, .reason = "no NVIDIA driver found"});
  const auto program = backend->compile(c.net, state, {.batch = c.batch});
  CHECK_FALSE(program->uploads());
  CHECK(program->bytes() > 0);
  CHECK_THROWS_WITH(run_now(*program, Phase::forward, data.input()),
                    "backend cudnn cannot be used here: no NVIDIA driver found");
  CHECK_THROWS_WITH(require_usable(*backend),
                    Catch::Contains("backend cudnn cannot be used here: no NVIDIA driver found; "
                                    "valid here are auto, "));
}

TEST_CASE("steps in parts move through the host and are those of the whole batch", "[cudnn]") {
  // Beside divided_step_test, which compares the results: here what a caller sees in between.
  const LayerCase c = layer_case("a small net");
  const CaseData data = case_data(c);
  const auto device = make_fake_device({.chance = std::chrono::microseconds(300)});
  const auto backend = on(device);
  NetState state(c.net, kStateSeed);
  const auto program =
      backend->compile(c.net, state, {.batch = c.batch, .purpose = Purpose::training});
  run_now(*program, Phase::forward, data.input());
  run_now(*program, Phase::backward, data.input());
  std::vector<float> gradient = canonical_gradient(state.parameters()[0]);
  CHECK(norm(gradient) > 0.0);
  // What the host writes between two phases is what the device goes on with.
  std::ranges::fill(state.parameters()[0].gradient.values(), 0.0F);
  const std::vector<float> before = state.read(0), other = state.read(2);
  StepInput input = data.input();
  const std::vector<double> rates(c.net.layers.size(), 1.0);
  input.layer_rates = rates;
  run_now(*program, Phase::update, input);
  CHECK(difference(state.read(0), before) < 1e-4);  // decay alone
  CHECK(state.read(2) != other);
}

}  // namespace sluice::test
