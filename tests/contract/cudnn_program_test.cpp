// What is particular to programs of the cuDNN backend, on a device that computes in plain loops:
// phases that are enqueued, uploads ahead, bf16, whole nets.
#include <algorithm>
#include <atomic>
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
#include "runtime/random.h"
#include "tests/support/catch.h"
#include "tests/support/fake_device.h"
#include "tests/support/layer_cases.h"
#include "tests/support/steps.h"

namespace sluice::test {
namespace {

constexpr std::uint64_t kStateSeed = 17;

std::unique_ptr<Backend> on(const std::shared_ptr<FakeDevice>& device) {
  return make_cudnn_backend({.device = device, .reason = {}});
}

LayerCase small_lenet(int batch) {
  return {.name = "LeNet-5 of 1998", .net = nodes::lenet({.variant = "1998"}), .batch = batch};
}

LayerCase small_alexnet(int batch) {
  LayerCase c{
      .name = "AlexNet", .net = nodes::alexnet({.classes = 4, .width = 0.05}), .batch = batch};
  for (Layer& layer : c.net.layers) layer.start = {.weights = Start::Weights::he_normal};
  return c;
}

const std::vector<Phase> kStep = {Phase::forward, Phase::backward, Phase::update};

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

// A phase whose `done` may come late.
class Asked {
 public:
  Completion told() {
    return [this](std::exception_ptr failure) {
      failure_ = failure;
      ++times_;
    };
  }
  int times() const { return times_; }
  bool comes() const {
    for (int i = 0; i < 5000 && times_ == 0; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return times_ > 0;
  }
  std::exception_ptr failure() const { return failure_; }

 private:
  std::atomic<int> times_ = 0;
  std::exception_ptr failure_;
};

// Rows as bytes, a transform for each row, and the same rows as floats by hand.
struct ByteRows {
  std::vector<std::byte> bytes;
  std::vector<RowTransform> transforms;
  std::vector<float> floats;
};

ByteRows byte_rows(const LayerCase& c) {
  ByteRows rows;
  const auto side = static_cast<std::size_t>(c.net.side);
  const auto channels = static_cast<std::size_t>(c.net.channels);
  Random random({.seed = 3, .stream = stream_id("test/bytes")});
  rows.bytes.resize(static_cast<std::size_t>(c.batch) * side * side * channels);
  for (std::byte& value : rows.bytes) value = static_cast<std::byte>(random.below(256));
  rows.floats.resize(rows.bytes.size());
  for (std::size_t row = 0; row < static_cast<std::size_t>(c.batch); ++row) {
    RowTransform transform{.flip = static_cast<std::int32_t>(row % 2)};
    transform.steps[0] = {RowTransform::Kind::add, {-120.0F, -110.0F, -100.5F}};
    transform.steps[1] = {RowTransform::Kind::divide, {58.0F, 57.0F, 57.5F}};
    rows.transforms.push_back(transform);
    for (std::size_t i = 0; i < side * side * channels; ++i) {
      const std::size_t channel = i % channels, x = i / channels % side, y = i / channels / side;
      const std::size_t from = transform.flip != 0 ? side - 1 - x : x;
      const std::size_t at = ((row * side + y) * side + from) * channels + channel;
      float value = static_cast<float>(std::to_integer<int>(rows.bytes[at]));
      value += transform.steps[0].by[channel];
      value /= transform.steps[1].by[channel];
      rows.floats[row * side * side * channels + i] = value;
    }
  }
  return rows;
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

TEST_CASE("uploads run ahead of their steps and change nothing", "[cudnn][upload]") {
  const LayerCase c = layer_case("a small net");
  constexpr int kSteps = 6;
  std::vector<CaseData> batches;
  for (int i = 0; i < kSteps; ++i) batches.push_back(case_data(c, static_cast<std::uint64_t>(i)));
  const auto trained = [&](int ahead) {
    const auto device = make_fake_device({.chance = std::chrono::microseconds(200)});
    const auto backend = on(device);
    NetState state(c.net, kStateSeed);
    const auto program =
        backend->compile(c.net, state, {.batch = c.batch, .purpose = Purpose::training});
    int uploaded = 0;
    std::vector<float> losses;
    for (int step = 0; step < kSteps; ++step) {
      for (; ahead > 0 && uploaded < std::min(step + ahead, kSteps); ++uploaded) {
        Asked asked;
        program->upload(batches[static_cast<std::size_t>(uploaded)].input(), asked.told());
        REQUIRE(asked.times() == 1);
      }
      StepInput input = batches[static_cast<std::size_t>(step)].input();
      input.step = static_cast<std::uint32_t>(step);
      for (const Phase phase : kStep) run_now(*program, phase, input);
      losses.insert(losses.end(), program->row_losses().begin(), program->row_losses().end());
    }
    CHECK(program->device_times()->bytes_copied ==
          kSteps * std::as_bytes(std::span(batches[0].rows)).size());
    const std::vector<float> weights = state.read(0);
    losses.insert(losses.end(), weights.begin(), weights.end());
    return losses;
  };
  const std::vector<float> plain = trained(0);
  for (const int ahead : {1, 2, 3, 5}) {
    CAPTURE(ahead);
    CHECK(trained(ahead) == plain);
  }
}

TEST_CASE("rows that were uploaded and never trained on are forgotten", "[cudnn][upload]") {
  const LayerCase c = layer_case("a small net");
  const CaseData right = case_data(c, 4);
  CaseData data = case_data(c, 3);
  for (const bool settled : {true, false}) {
    CAPTURE(settled);
    NetState state(c.net, kStateSeed);
    const auto device = make_fake_device();
    const auto backend = on(device);
    const auto program = backend->compile(c.net, state, {.batch = c.batch});
    const auto nothing = [](std::exception_ptr) {};
    program->upload(data.input(), nothing);
    program->upload(case_data(c, 9).input(), nothing);
    if (settled) program->settle();
    data = right;  // the same memory, other rows
    if (!settled) program->upload(data.input(), nothing);
    run_now(*program, Phase::forward, data.input());
    const std::vector<float> scores(program->scores().begin(), program->scores().end());
    program->settle();
    const CaseData other = right;
    run_now(*program, Phase::forward, other.input());
    CHECK(std::ranges::equal(program->scores(), scores));
  }
}

TEST_CASE("bytes and what is still to be done to them give the rows in floats", "[cudnn][upload]") {
  const LayerCase c = layer_case("a small net");
  const CaseData data = case_data(c);
  const ByteRows rows = byte_rows(c);
  const auto device = make_fake_device();
  const auto backend = on(device);
  NetState state(c.net, kStateSeed);
  const auto program = backend->compile(c.net, state, {.batch = c.batch});
  REQUIRE(program->takes_bytes());
  const auto memory = program->row_memory()(rows.bytes.size());
  std::ranges::copy(rows.bytes, memory.get());
  StepInput floats = data.input(), bytes = data.input();
  floats.rows = rows.floats;
  bytes.rows = {};
  bytes.row_bytes = {memory.get(), rows.bytes.size()};
  bytes.transforms = rows.transforms;
  run_now(*program, Phase::forward, floats);
  const std::vector<float> expected(program->scores().begin(), program->scores().end());
  run_now(*program, Phase::forward, bytes);
  CHECK(std::ranges::equal(program->scores(), expected));
  const auto copied = program->device_times()->bytes_copied;
  CHECK(copied == rows.bytes.size() * 5);
  StepInput short_bytes = bytes;
  short_bytes.row_bytes = bytes.row_bytes.first(7);
  CHECK_THROWS_WITH(program->run(Phase::forward, short_bytes, [](std::exception_ptr) {}),
                    Catch::Contains("rows of 7 bytes"));
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
