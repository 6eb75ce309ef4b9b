// A device that goes wrong: the first cause is told once, to the phase that was waited for, and
// everything comes back.
#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "runtime/backend/cudnn/cudnn.h"
#include "runtime/error.h"
#include "tests/support/catch.h"
#include "tests/support/fake_device.h"
#include "tests/support/layer_cases.h"
#include "tests/support/steps.h"

namespace sluice::test {
namespace {

constexpr std::uint64_t kStateSeed = 17;
constexpr int kSteps = 3;

// What became of some steps.
struct Fate {
  int told = 0;      // phases and uploads that were told
  int failures = 0;  // of them with a failure
  std::string first, last;
  FakeDeviceCounts left;  // when all is gone but the device
  FakeDeviceCounts before_end;
};

std::string text_of(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::run);
    return error.what();
  }
}

// Uploads a step ahead, as a pipeline does, and goes on after a failure, as none does.
Fate train(const FakeDeviceOptions& options) {
  const LayerCase c = layer_case("a small net");
  const CaseData batches[2] = {case_data(c, 1), case_data(c, 2)};
  const auto device = make_fake_device(options);
  Fate fate;
  {
    NetState state(c.net, kStateSeed);
    const auto backend = make_cudnn_backend({.device = device, .reason = {}});
    const auto program =
        backend->compile(c.net, state, {.batch = c.batch, .purpose = Purpose::training});
    const auto note = [&fate](const std::exception_ptr& failure) {
      ++fate.told;
      if (!failure) return;
      ++fate.failures;
      fate.last = text_of(failure);
      if (fate.first.empty()) fate.first = fate.last;
    };
    const auto wait_for = [&](Phase phase, const StepInput& input) {
      try {
        run_now(*program, phase, input);
        note(nullptr);
      } catch (const Error& error) {
        // A phase behind one that failed is told the cause too, or out of order.
        REQUIRE(error.kind() == ErrorKind::run);
        note(std::current_exception());
      }
    };
    program->upload(batches[0].input(), note);
    for (int step = 0; step < kSteps; ++step) {
      StepInput input = batches[step % 2].input();
      wait_for(Phase::forward, input);
      program->upload(batches[(step + 1) % 2].input(), note);
      wait_for(Phase::backward, input);
      wait_for(Phase::update, input);
    }
    program->settle();
    fate.before_end = device->counts();
  }
  fate.left = device->counts();
  return fate;
}

void check_nothing_left(const Fate& fate) {
  CHECK(fate.left.blocks == 0);
  CHECK(fate.left.marks == 0);
  CHECK(fate.left.completions == 0);
}

constexpr int kTold = 1 + kSteps * 4;

}  // namespace

TEST_CASE("a device that does not fail leaves nothing behind", "[cudnn][failures]") {
  const Fate fate = train({});
  CHECK(fate.told == kTold);
  CHECK(fate.failures == 0);
  check_nothing_left(fate);
  CHECK(fate.before_end.completions == 0);
}

TEST_CASE("each call that fails is told as the first cause, and nothing leaks",
          "[cudnn][failures]") {
  const int calls = train({}).before_end.calls;
  CHECK(calls > 60);
  for (int call = 1; call <= calls; ++call) {
    CAPTURE(call);
    const Fate fate = train({.failing_call = call});
    CHECK(fate.told == kTold);
    // The last calls are those of the end, where nobody is told any more.
    if (fate.failures == 0) CHECK(call > calls - 4);
    if (fate.failures > 0) {
      CHECK(fate.first.starts_with("fake device: failed at call " + std::to_string(call) + " ("));
      CHECK(fate.last == fate.first);
    }
    check_nothing_left(fate);
  }
}

TEST_CASE("each piece of work that fails on the device is told as the first cause",
          "[cudnn][failures]") {
  const int pieces = train({}).before_end.work;
  CHECK(pieces > 20);
  for (int piece = 1; piece <= pieces; ++piece) {
    CAPTURE(piece);
    const Fate fate = train({.chance = std::chrono::microseconds(100),
                             .seed = static_cast<std::uint64_t>(piece),
                             .failing_work = piece});
    CHECK(fate.told == kTold);
    if (fate.failures == 0) CHECK(piece > pieces - 2);  // an upload that no step took
    if (fate.failures > 0) {
      CHECK(fate.first.starts_with("fake device: failed at work " + std::to_string(piece) + " ("));
      CHECK(fate.last == fate.first);
    }
    check_nothing_left(fate);
  }
}

TEST_CASE("a device without memory is told, whichever block it is", "[cudnn][failures]") {
  const int allocations = train({}).before_end.allocations;
  CHECK(allocations >= 8);
  for (int allocation = 1; allocation <= allocations; ++allocation) {
    CAPTURE(allocation);
    const Fate fate = train({.failing_allocation = allocation});
    CHECK(fate.told == kTold);
    CHECK(fate.failures > 0);
    CHECK(fate.first.starts_with("fake device: out of memory"));
    CHECK(fate.last == fate.first);
    check_nothing_left(fate);
  }
}

TEST_CASE("only the phase that is waited for learns of a failure on the device",
          "[cudnn][failures]") {
  const LayerCase c = layer_case("a small net");
  const CaseData data = case_data(c);
  // The work of a first step is counted, so that the second one's forward fails.
  const auto one_step = [&](Program& program) {
    for (const Phase phase : {Phase::forward, Phase::backward, Phase::update})
      run_now(program, phase, data.input());
  };
  const auto compile = [&](const std::shared_ptr<FakeDevice>& device, NetState& state) {
    return make_cudnn_backend({.device = device, .reason = {}})
        ->compile(c.net, state, {.batch = c.batch, .purpose = Purpose::training});
  };
  int of_a_step = 0;
  {
    const auto device = make_fake_device();
    NetState state(c.net, kStateSeed);
    const auto program = compile(device, state);
    one_step(*program);
    of_a_step = device->counts().work;
  }
  const auto device = make_fake_device({.failing_work = of_a_step + 3});
  NetState state(c.net, kStateSeed);
  const auto program = compile(device, state);
  one_step(*program);
  device->hold();
  run_now(*program, Phase::forward, data.input());
  run_now(*program, Phase::backward, data.input());
  std::promise<std::exception_ptr> told;
  program->run(Phase::update, data.input(),
               [&](std::exception_ptr failure) { told.set_value(failure); });
  device->go_on();
  const std::exception_ptr failure = told.get_future().get();
  REQUIRE(failure);
  CHECK_THROWS_WITH(std::rethrow_exception(failure), Catch::Contains("failed at work"));
}

TEST_CASE("a program may go while the device is at work", "[cudnn][failures]") {
  const LayerCase c = layer_case("a small net");
  const CaseData data = case_data(c);
  for (const Phase until : {Phase::forward, Phase::backward, Phase::update}) {
    CAPTURE(phase_name(until));
    const auto device = make_fake_device({.a_recording = std::chrono::milliseconds(2)});
    std::atomic<int> told = 0;
    {
      NetState state(c.net, kStateSeed);
      const auto program =
          make_cudnn_backend({.device = device, .reason = {}})
              ->compile(c.net, state, {.batch = c.batch, .purpose = Purpose::training});
      for (const Phase phase : {Phase::forward, Phase::backward, Phase::update}) {
        if (phase > until) break;
        program->run(phase, data.input(), [&](std::exception_ptr) { ++told; });
      }
      program->upload(data.input(), [](std::exception_ptr) {});
    }
    CHECK(told == static_cast<int>(until) + 1);
    const FakeDeviceCounts left = device->counts();
    CHECK(left.blocks == 0);
    CHECK(left.marks == 0);
    CHECK(left.completions == 0);
  }
}

}  // namespace sluice::test
