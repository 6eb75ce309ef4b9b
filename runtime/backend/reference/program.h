// A net over a NetState with the reference layers.
#pragma once

#include <memory>

#include "runtime/backend/backend.h"
#include "runtime/backend/reference/net_runner.h"
#include "runtime/backend/step_checks.h"

namespace sluice::reference {

// Copies the parameters at each forward, whatever their layout; writes gradients in the parameters'
// layouts. Rows of weight 0: loss 0, label not looked at, computed as zeros.
class ReferenceProgram final : public Program {
 public:
  ReferenceProgram(const Net& net, NetState& state, const ProgramOptions& options);

  void run(Phase phase, const StepInput& input, Completion done) override;
  std::span<const float> scores() const override;
  std::span<const float> row_losses() const override;
  Tensor output(std::string_view layer) const override;
  Tensor row_gradients() const override;
  std::size_t bytes() const override;
  std::vector<LayerRecord> layers() const override { return clock_.rows(); }

 private:
  struct Update;

  void work(Phase phase, const StepInput& input);
  void forward(const StepInput& input);
  void backward(const StepInput& input);
  void take_gradients(const StepInput& input);
  void update(const StepInput& input);
  void curvature(const StepInput& input);

  Net net_;
  NetState& state_;
  ProgramOptions options_;
  std::vector<LayerShapes> shapes_;
  // By this net's layers: the state may be of another form of the net.
  std::vector<ParameterInfo> infos_;
  LayerClock clock_;
  // Made by the first forward, so that a compile touches no memory.
  std::unique_ptr<NetRunner<float>> runner_;
  std::vector<float> rows_;  // canonical
  PhaseOrder order_;
};

}  // namespace sluice::reference
