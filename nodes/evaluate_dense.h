// Forward for evaluation over whole images, whatever size each of them has.
#pragma once

#include <list>
#include <memory>
#include <string>
#include <vector>

#include "graph/node.h"
#include "nodes/evaluate_views.h"
#include "nodes/views.h"
#include "runtime/backend/backend.h"
#include "runtime/extent.h"

namespace sluice::nodes {

// A net's dense forms (runtime/net/dense_form.h), compiled when a size is first asked for. Keeps
// those that were used last, as many as fit into `most_bytes`, and always one. All share the state.
// Inside the arena; one caller at a time.
class DensePrograms {
 public:
  struct Source {
    const Net& net;
    NetState& state;
    Backend& backend;
    ProgramOptions options{};
  };
  // What `source` refers to must outlive it; its options' batch is not looked at.
  DensePrograms(const Source& source, std::size_t most_bytes);

  struct Size {
    Extent extent;
    int rows = 1;
    friend bool operator==(const Size&, const Size&) = default;
  };
  Program& of(const Size& size);
  int compiled() const { return compiled_; }  // so far

 private:
  struct Entry {
    Size size;
    std::unique_ptr<Program> program;
  };
  Source source_;
  std::size_t most_bytes_;
  std::list<Entry> entries_;  // the last used first
  int compiled_ = 0;
};

// Runs each image of a batch (rows of CollateWhole) with its mirror image and takes the mean of
// both images' probabilities over passes. For backends that are done when `run` returns.
struct EvaluateDense {
  static constexpr graph::NodeInfo info{.name = "evaluate",
                                        .kind = graph::NodeKind::batch,
                                        .cost = graph::CostClass::batches,
                                        .help = "runs the net forward over whole images"};
  static constexpr auto token = graph::StepToken::takes_and_gives;
  static constexpr int kImages = 2;  // an image and its mirror image: rows of the programs

  std::shared_ptr<DensePrograms> programs;
  CollateWhole rows;
  int classes = 0;
  const void* state = nullptr;  // as EvaluateViews
  Passes passes{};
  EvaluateViews::Take take;

  const void* net() const { return state; }
  void run(graph::Batch& batch, Completion done);

 private:
  void evaluate(std::span<const float> row, std::uint32_t position, std::span<double> mean);
};
static_assert(graph::BatchNode<EvaluateDense>);

}  // namespace sluice::nodes
