// A net compiled for a device: plans when it is made, takes the device's memory in its first phase.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/backend/backend.h"
#include "runtime/backend/cudnn/cudnn.h"
#include "runtime/backend/cudnn/device_step.h"
#include "runtime/backend/cudnn/plan.h"
#include "runtime/backend/cudnn/progress.h"
#include "runtime/backend/cudnn/uploads.h"
#include "runtime/backend/step_checks.h"

namespace sluice::cudnn {

// What the programs of one backend share; without a device they plan and do not run.
struct DeviceAccess {
  std::shared_ptr<Device> device;
  std::string reason;  // why there is none
  std::shared_ptr<PinnedRows> pinned;
  RecordOptions record;
};

// Phases are enqueued. `done` of a step's last phase (StepInput::last, and forward in evaluation)
// is told when the device is done with all of it, that of the others when they are enqueued. The
// state is held from `run` to `done`; programs that share it are ordered on the device besides.
// After a failure every call is told the first cause.
//
// Curvature is computed on the host, by the reference.
class CudnnProgram final : public Program {
 public:
  CudnnProgram(const Net& net, NetState& state, const ProgramOptions& options,
               const DeviceAccess& access, Sharing sharing = Sharing::by_lifetime);
  ~CudnnProgram() override;

  void run(Phase phase, const StepInput& input, Completion done) override;
  void upload(const StepInput& input, Completion done) override;
  bool uploads() const override { return access_.device != nullptr; }
  bool takes_bytes() const override { return access_.device != nullptr; }
  RowMemory row_memory() const override;
  void settle() noexcept override;

  std::string_view place() const override { return "gpu"; }
  std::optional<DeviceTimes> device_times() const override;
  void record_device_spans(std::size_t most) override { clock_.record(most); }
  DeviceSpans device_spans() const override { return clock_.spans(); }

  // Before the step's last phase is done they wait for the device.
  std::span<const float> scores() const override;
  std::span<const float> row_losses() const override;
  Tensor output(std::string_view layer) const override;

  // Of this process's memory: pinned pieces, and what curvature takes.
  std::size_t bytes() const override;

  DevicePlan device_plan() const;

 private:
  // What a phase owes its caller: the state is let go before it is told.
  struct Answer {
    Completion done;
    std::unique_ptr<ProgramLock> lock{};
  };

  bool training() const { return options_.purpose == Purpose::training; }
  bool is_last(Phase phase, const StepInput& input) const;
  void set_layouts();
  void clear_frozen_gradients();

  void prepare();
  void enter_home();
  void make_step();
  void enqueue(Phase phase, const StepInput& input);
  void forward(const StepInput& input);
  void backward(const StepInput& input);
  void update(const StepInput& input);
  void end_step_before();
  void finish(const std::shared_ptr<Answer>& answer);
  void end_step() noexcept;
  void fail_with(const std::exception_ptr& cause) noexcept;

  Net net_;
  NetState& state_;
  ProgramOptions options_;
  std::vector<LayerShapes> shapes_;
  DeviceAccess access_;
  Plan plan_;
  PhaseOrder order_;
  std::shared_ptr<DeviceParameters> home_;
  std::unique_ptr<Uploads> uploads_;
  std::optional<std::size_t> slot_;  // of the step under way
  DeviceClock clock_;
  std::unique_ptr<DeviceStep> step_;
  std::atomic<std::size_t> held_ = 0;  // bytes of step_ and home_, for who asks beside a phase
  Progress progress_;
};

}  // namespace sluice::cudnn
