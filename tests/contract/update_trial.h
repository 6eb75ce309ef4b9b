// A small net that trains on a backend, and beside it the same steps in double: what the tests of
// update rules compare.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "runtime/backend/backend.h"
#include "tests/support/layer_cases.h"

namespace sluice::test {

// What moves a parameter in a step; worked out here apart from `update_factors`.
struct StepFactors {
  double rate = 0.0;
  double l2 = 0.0;
  double l1 = 0.0;
  bool still = false;
};

// One parameter in double, moved element by element as SgdRule says.
struct ParameterTwin {
  std::vector<double> values;
  std::vector<double> velocity;

  // `gradient`: the sum over `rows` rows.
  void step(const SgdRule& rule, const StepFactors& factors, const std::vector<double>& gradient,
            double rows);
};

// One thread.
class UpdateTrial {
 public:
  UpdateTrial(const std::string& backend, const LayerCase& c, const UpdateRule& rule);

  std::size_t count() const { return state_.parameters().size(); }
  NetState& state() { return state_; }
  CaseData& data() { return data_; }
  Program& program() { return *program_; }
  std::vector<ParameterTwin>& twins() { return twins_; }

  // Throws what the phase's completion is told.
  void phase(Phase phase, const StepInput& input);
  // Forward and backward; the gradient sums, canonical.
  std::vector<std::vector<double>> gradients(const StepInput& input);
  // A step of the program, and of the twins with the program's own gradients.
  void step(const SgdRule& rule, const StepInput& input);
  // Values and velocities against the twins; padding of layouts against 0.
  void check() const;

 private:
  Net net_;
  CaseData data_;
  NetState state_;
  Arena arena_{2};
  std::unique_ptr<Program> program_;
  std::vector<ParameterTwin> twins_;
};

}  // namespace sluice::test
