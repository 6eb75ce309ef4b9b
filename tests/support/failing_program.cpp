#include "tests/support/failing_program.h"

#include <fmt/core.h>

#include <chrono>
#include <thread>

#include "runtime/error.h"

namespace sluice::test {
namespace {

class Decorated : public Program {
 public:
  explicit Decorated(std::unique_ptr<Program> inner) : inner_(std::move(inner)) {}
  std::span<const float> scores() const override { return inner_->scores(); }
  std::span<const float> row_losses() const override { return inner_->row_losses(); }
  Tensor output(std::string_view layer) const override { return inner_->output(layer); }
  std::size_t bytes() const override { return inner_->bytes(); }
  void upload(const StepInput& input, Completion done) override {
    inner_->upload(input, std::move(done));
  }
  bool uploads() const override { return inner_->uploads(); }
  bool takes_bytes() const override { return inner_->takes_bytes(); }
  RowMemory row_memory() const override { return inner_->row_memory(); }
  void settle() noexcept override { inner_->settle(); }
  std::string_view place() const override { return inner_->place(); }
  std::optional<DeviceTimes> device_times() const override { return inner_->device_times(); }
  void record_device_spans(std::size_t most) override { inner_->record_device_spans(most); }
  DeviceSpans device_spans() const override { return inner_->device_spans(); }

 protected:
  Program& inner() { return *inner_; }

 private:
  std::unique_ptr<Program> inner_;
};

class FailingProgram final : public Decorated {
 public:
  FailingProgram(std::unique_ptr<Program> inner, Failure failure)
      : Decorated(std::move(inner)), failure_(failure) {}

  void run(Phase phase, const StepInput& input, Completion done) override {
    if (++calls_ != failure_.call) {
      inner().run(phase, input, std::move(done));
      return;
    }
    const auto error = std::make_exception_ptr(Error(ErrorKind::run, failure_text(calls_)));
    switch (failure_.way) {
      case FailureWay::throws:
        std::rethrow_exception(error);
      case FailureWay::reports:
        done(error);
        return;
      case FailureWay::reports_late:
        late_ = std::jthread([error, told = std::move(done)] {
          std::this_thread::sleep_for(std::chrono::microseconds(300));
          told(error);
        });
        return;
    }
  }

 private:
  Failure failure_;
  int calls_ = 0;
  std::jthread late_;
};

class WatchedProgram final : public Decorated {
 public:
  WatchedProgram(std::unique_ptr<Program> inner, std::shared_ptr<NetWatch> watch)
      : Decorated(std::move(inner)), watch_(std::move(watch)) {}

  void run(Phase phase, const StepInput& input, Completion done) override {
    NetWatch& watch = *watch_;
    ++watch.calls;
    if (phase == Phase::forward && watch.steps_inside.fetch_add(1) != 0) ++watch.violations;
    if (watch.phases_inside.fetch_add(1) != 0) ++watch.violations;
    const auto leave = [shared = watch_, phase](bool failed) {
      --shared->phases_inside;
      if (failed || phase == Phase::update) --shared->steps_inside;
    };
    try {
      inner().run(phase, input, [leave, told = std::move(done)](std::exception_ptr error) {
        leave(error != nullptr);
        told(error);
      });
    } catch (...) {
      leave(true);
      throw;
    }
  }

 private:
  std::shared_ptr<NetWatch> watch_;
};

}  // namespace

std::string failure_text(int call) { return fmt::format("injected failure at call {}", call); }

std::unique_ptr<Program> make_failing_program(std::unique_ptr<Program> inner, Failure failure) {
  return std::make_unique<FailingProgram>(std::move(inner), failure);
}

std::unique_ptr<Program> make_watched_program(std::unique_ptr<Program> inner,
                                              std::shared_ptr<NetWatch> watch) {
  return std::make_unique<WatchedProgram>(std::move(inner), std::move(watch));
}

}  // namespace sluice::test
