#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "runtime/backend/make_backend.h"
#include "runtime/backend/step_checks.h"
#include "runtime/error.h"

namespace sluice {
namespace {

using Milliseconds = std::chrono::duration<double, std::milli>;

// A stand-in for a device: one thread that lets time pass, in the order it is asked to.
//
// Destroying it ends the wait at once; what was enqueued is then told that it was cut short.
class WaitingDevice {
 public:
  WaitingDevice() : thread_([this](const std::stop_token& stop) { serve(stop); }) {}

  void enqueue(Milliseconds time, Completion done) {
    {
      const std::scoped_lock lock(mutex_);
      jobs_.push_back({time, std::move(done)});
    }
    wake_.notify_all();
  }

 private:
  struct Job {
    Milliseconds time;
    Completion done;
  };

  void serve(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (wake_.wait(lock, stop, [this] { return !jobs_.empty(); })) {
      Job job = std::move(jobs_.front());
      jobs_.pop_front();
      const bool cut_short = !sleep(lock, stop, job.time);
      lock.unlock();
      job.done(cut_short ? stopped() : nullptr);
      lock.lock();
    }
  }

  // False when a stop came first.
  bool sleep(std::unique_lock<std::mutex>& lock, const std::stop_token& stop, Milliseconds time) {
    wake_.wait_for(lock, stop, time, [] { return false; });
    return !stop.stop_requested();
  }

  static std::exception_ptr stopped() {
    return std::make_exception_ptr(
        Error(ErrorKind::run, "waiting backend: its program was destroyed while a phase ran"));
  }

  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::deque<Job> jobs_;
  std::jthread thread_;  // last: it must stop before the rest goes
};

class WaitingProgram final : public Program {
 public:
  WaitingProgram(const Net& net, const ProgramOptions& options, Milliseconds step)
      : net_(net),
        options_(options),
        shapes_(infer_shapes(net)),
        step_(step),
        scores_(static_cast<std::size_t>(options.batch) *
                static_cast<std::size_t>(class_count(net))),
        row_losses_(static_cast<std::size_t>(options.batch)) {}

  void run(Phase phase, const StepInput&, Completion done) override {
    device_.enqueue(step_ * share(phase), std::move(done));
  }
  std::string_view place() const override { return "waiting"; }
  std::span<const float> scores() const override { return scores_; }
  std::span<const float> row_losses() const override { return row_losses_; }
  Tensor output(std::string_view layer) const override;
  std::size_t bytes() const override {
    return (scores_.size() + row_losses_.size()) * sizeof(float);
  }

 private:
  // Backward costs twice a forward in the nets we know.
  static double share(Phase phase) {
    switch (phase) {
      case Phase::forward:
        return 1.0 / 3.0;
      case Phase::backward:
        return 2.0 / 3.0;
      case Phase::update:
      case Phase::curvature:
        return 0.0;
    }
    return 0.0;
  }

  Net net_;
  ProgramOptions options_;
  std::vector<LayerShapes> shapes_;
  Milliseconds step_;
  std::vector<float> scores_;
  std::vector<float> row_losses_;
  WaitingDevice device_;
};

// Zeros, like the scores.
Tensor WaitingProgram::output(std::string_view layer) const {
  return Tensor(kept_layer(net_, options_, shapes_, layer).output);
}

class WaitingBackend final : public Backend {
 public:
  explicit WaitingBackend(Milliseconds step) : step_(step) {
    require(step.count() >= 0.0, "waiting backend: a step of {} ms must not be negative",
            step.count());
  }
  std::string_view name() const override { return "waiting"; }
  std::unique_ptr<Program> compile(const Net& net, NetState&,
                                   const ProgramOptions& options) override {
    check_batch(net, options);
    refuse_row_gradients("the waiting backend", options);
    return std::make_unique<WaitingProgram>(net, options, step_);
  }

 private:
  Milliseconds step_;
};

}  // namespace

std::unique_ptr<Backend> make_waiting_backend(Milliseconds step) {
  return std::make_unique<WaitingBackend>(step);
}

}  // namespace sluice
