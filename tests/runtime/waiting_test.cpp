#include <chrono>
#include <future>
#include <memory>

#include "runtime/backend/make_backend.h"
#include "runtime/error.h"
#include "tests/support/catch.h"
#include "tests/support/layer_cases.h"

namespace sluice {
namespace {

using Clock = std::chrono::steady_clock;

double milliseconds_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

// A case's net on a device that takes `step_ms` a step.
struct Subject {
  test::LayerCase c = test::layer_cases().front();
  test::CaseData data = test::case_data(c);
  NetState state{c.net, 1};
  std::unique_ptr<Program> program;

  explicit Subject(double step_ms) {
    program = make_waiting_backend(std::chrono::duration<double, std::milli>(step_ms))
                  ->compile(c.net, state, {.batch = c.batch, .purpose = Purpose::training});
  }
  std::future<void> run(Phase phase) {
    auto promise = std::make_shared<std::promise<void>>();
    std::future<void> future = promise->get_future();
    program->run(phase, data.input(), [promise](std::exception_ptr failure) {
      failure ? promise->set_exception(failure) : promise->set_value();
    });
    return future;
  }
};

}  // namespace

TEST_CASE("a waiting program returns at once and completes after its share of the step",
          "[runtime][waiting]") {
  Subject subject(90.0);
  const Clock::time_point start = Clock::now();
  std::future<void> forward = subject.run(Phase::forward);
  std::future<void> backward = subject.run(Phase::backward);
  std::future<void> update = subject.run(Phase::update);
  CHECK(forward.wait_for(std::chrono::seconds(0)) == std::future_status::timeout);
  forward.get();
  CHECK(milliseconds_since(start) >= 29.9);
  backward.get();
  CHECK(milliseconds_since(start) >= 89.9);
  update.get();
}

TEST_CASE("a waiting program leaves the state alone and scores zero", "[runtime][waiting]") {
  Subject subject(0.0);
  const std::uint64_t version = subject.state.version;
  const std::vector<float> before = subject.state.read(0);
  subject.run(Phase::forward).get();
  subject.run(Phase::backward).get();
  subject.run(Phase::update).get();
  CHECK(subject.state.version == version);
  CHECK(subject.state.read(0) == before);
  CHECK(subject.program->scores().size() == 12);
  CHECK(subject.program->scores()[5] == 0.0F);
  CHECK(subject.program->row_losses().size() == 3);
}

TEST_CASE("a waiting program that is destroyed ends its wait and tells so", "[runtime][waiting]") {
  Subject subject(600000.0);
  const Clock::time_point start = Clock::now();
  std::future<void> forward = subject.run(Phase::forward);
  std::future<void> backward = subject.run(Phase::backward);
  subject.program.reset();
  CHECK(milliseconds_since(start) < 60000.0);
  CHECK_THROWS_AS(forward.get(), Error);
  CHECK_THROWS_AS(backward.get(), Error);
}

TEST_CASE("a waiting step must not be negative", "[runtime][waiting]") {
  CHECK_THROWS_AS(make_waiting_backend(std::chrono::milliseconds(-1)), Error);
}

TEST_CASE("backends have names, and an unknown one lists them", "[runtime][backend]") {
  for (const std::string& name : available_backends()) CHECK(make_backend(name)->name() == name);
  CHECK(make_backend("auto")->name() == available_backends().front());
  CHECK(available_backends().back() == "reference");
  CHECK_THROWS_WITH(make_backend("cuda"), Catch::Contains("cuda") && Catch::Contains("auto, ") &&
                                              Catch::Contains("reference"));
}

TEST_CASE("phases have names", "[runtime][backend]") {
  CHECK(phase_name(Phase::forward) == "forward");
  CHECK(phase_name(Phase::backward) == "backward");
  CHECK(phase_name(Phase::update) == "update");
}

}  // namespace sluice
