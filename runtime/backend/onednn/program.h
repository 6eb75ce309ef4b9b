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

// What a layer works with during a call, each way.
struct LayerScratch {
  Region forward, backward;
};

// Rows of weight 0: loss 0, label not looked at, computed as zeros.
class OnednnProgram final : public Program {
 public:
  // `sharing`: none only to compare with.
  OnednnProgram(const Net& net, NetState& state, const ProgramOptions& options,
                Sharing sharing = Sharing::by_lifetime);

  void run(Phase phase, const StepInput& input, Completion done) override;
  std::span<const float> scores() const override;
  std::span<const float> row_losses() const override;
  Tensor output(std::string_view layer) const override;
  Tensor row_gradients() const override;
  std::size_t bytes() const override;
  std::vector<LayerRecord> layers() const override;

  std::span<const LayerSeconds> seconds() const { return seconds_; }
  std::vector<Implementation> implementations() const;

 private:
  void compile_layers();
  void reserve_scratch();
  Memory memory() const { return memory_plan_.in(memory_.data()); }
  void work(Phase phase, const StepInput& input);
  void forward(const StepInput& input);
  void backward(const StepInput& input);
  void update(const StepInput& input);
  void add_up(double LayerSeconds::*phase);

  bool learns(std::size_t layer) const;
  void clear_frozen_gradients();

  // Of a layer's output.
  Precision element(std::size_t layer) const {
    return output_element(net_, layer, options_.precision);
  }
  bool copies_rows(const StepInput& input) const;
  ConstArray input_rows(const StepInput& input) const;
  Array output_array(std::size_t layer) const;
  // Source and destination of a layer.
  Pass pass(std::size_t layer, Phase phase, const StepInput& input) const;
  template <class T>
  std::span<const T> output_values(std::size_t layer) const;

  Device device_;
  Net net_;
  NetState& state_;
  ProgramOptions options_;
  std::vector<LayerShapes> shapes_;
  // By this net's layers: the state may be of another form of the net.
  std::vector<ParameterInfo> infos_;
  MemoryPlan memory_plan_;
  NetPlan plan_;
  // The last layer that backward reaches; as many as there are where none learns.
  std::size_t first_backward_ = 0;
  std::vector<CompiledLayer> layers_;
  std::vector<LayerScratch> scratch_;
  Block memory_;  // taken by the first run: a program that only tells its bytes takes none
  std::vector<LayerSeconds> seconds_;  // of the last run of each phase
  std::vector<LayerSeconds> sums_;     // where the options ask for it
  std::int64_t steps_ = 0;
  PhaseOrder order_;
};

}  // namespace sluice::onednn
