// A net that is trained on whole images: one program for all sizes that its rows have.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "nodes/evaluate_dense.h"
#include "runtime/backend/backend.h"

namespace sluice::nodes {

// Runs each step through the net's dense form of the step's size (StepInput::extent), for as many
// rows as count, rounded up to a power of two: a batch of few images costs little more than they
// do. Programs are compiled when a size first comes, and those used last are kept. Rows may have
// more room behind them than the size takes. Of backends that are done when `run` returns; does not
// upload, keeps no outputs.
class FullProgram final : public Program {
 public:
  struct Room {
    std::size_t kept_bytes = 0;  // of programs that are kept, but always one
    std::size_t bytes = 0;       // most that all take at one time, as `bytes` tells
  };
  // What `source` refers to must outlive it; its options' batch is the rows of a step at most.
  FullProgram(const DensePrograms::Source& source, Room room);

  void run(Phase phase, const StepInput& input, Completion done) override;
  // Of all rows of a step; zeros for those behind the last that counts.
  std::span<const float> scores() const override { return scores_; }
  std::span<const float> row_losses() const override { return row_losses_; }
  [[noreturn]] Tensor output(std::string_view layer) const override;
  std::size_t bytes() const override { return room_.bytes; }
  int compiled() const { return programs_.compiled(); }

 private:
  StepInput of_rows(const StepInput& input, std::size_t rows);
  std::span<const double> rates_of(std::span<const double> layer_rates);
  void take_results();

  DensePrograms programs_;
  Room room_;
  std::size_t batch_;
  std::size_t channels_;
  std::size_t classes_;
  // Of each layer of the dense form the net's own; none: a layer that the form has besides.
  std::vector<std::optional<std::size_t>> own_layers_;
  std::vector<double> rates_;  // of the step at hand
  std::vector<float> scores_;
  std::vector<float> row_losses_;
  Program* now_ = nullptr;  // of the newest forward
  std::size_t rows_ = 0;    // that it has
};

}  // namespace sluice::nodes
