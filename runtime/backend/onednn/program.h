// A net compiled into oneDNN primitives and our own kernels.
#pragma once

#include <memory>
#include <vector>

#include "runtime/backend/backend.h"
#include "runtime/backend/onednn/compiled_layer.h"
#include "runtime/backend/onednn/onednn.h"
#include "runtime/backend/onednn/plan.h"
#include "runtime/backend/step_checks.h"

namespace sluice::onednn {

// Rows of weight 0: loss 0, label not looked at, computed as zeros.
class OnednnProgram final : public Program {
 public:
  OnednnProgram(const Net& net, NetState& state, const ProgramOptions& options);

  void run(Phase phase, const StepInput& input, Completion done) override;
  std::span<const float> scores() const override;
  std::span<const float> row_losses() const override;
  Tensor output(std::string_view layer) const override;
  std::size_t bytes() const override;

  std::span<const LayerSeconds> seconds() const { return seconds_; }
  std::vector<Implementation> implementations() const;

 private:
  void compile_layers();
  void work(Phase phase, const StepInput& input);
  void forward(const StepInput& input);
  void backward(const StepInput& input);
  void update(const StepInput& input);

  const float* input_rows(const StepInput& input) const;
  // Source and destination of a layer.
  Pass pass(std::size_t layer, const StepInput& input) const;
  std::span<const float> output_values(std::size_t layer) const;

  Device device_;
  Net net_;
  NetState& state_;
  ProgramOptions options_;
  std::vector<LayerShapes> shapes_;
  MemoryPlan memory_plan_;
  NetPlan plan_;
  std::vector<CompiledLayer> layers_;
  Region scratch_;
  Block memory_;
  std::vector<LayerSeconds> seconds_;
  PhaseOrder order_;
};

}  // namespace sluice::onednn
