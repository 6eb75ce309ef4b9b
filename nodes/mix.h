// MixUp and CutMix as a node of the graph: a batch's rows become mixtures of two images, with two
// labels.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "augment/mix.h"
#include "graph/node.h"
#include "graph/stream.h"
#include "io/recipe.h"
#include "nodes/upload.h"

namespace sluice::nodes {

// Which mixtures a run makes, none where both are empty. A batch is mixed in one way: where there
// are two, each as likely.
struct Mixtures {
  std::optional<augment::MixUp> mixup{};
  std::optional<augment::CutMix> cutmix{};

  bool any() const { return mixup || cutmix; }
};

// Of train.mixup and train.cutmix. Throws Error{usage} for values out of range, and with a dump of
// steps, which has one label a row.
Mixtures mixtures(const io::Recipe& recipe);

// What rows look like, and what draws follow from.
struct MixedRows {
  std::uint64_t seed = 0;
  int side = 0;  // pixels
  int channels = 3;
};

// Behind `collate`, on rows of floats. The draws are Philox(seed; epoch, position of the batch's
// first image, "batch/mix"): the same for any number of threads, and after a resume.
struct Mix {
  static constexpr graph::NodeInfo info{.name = "mix",
                                        .kind = graph::NodeKind::batch,
                                        .cost = graph::CostClass::batches,
                                        .help = "mixes each image with the one before it"};

  Mixtures ways;
  MixedRows of;

  void run(graph::Batch& batch, Completion done);

  std::vector<float> scratch{};  // one row; the node's own
};
static_assert(graph::BatchNode<Mix>);

inline constexpr const char* kMixedAsFloats = "images are mixed as floats";

// How rows go to a program: as floats where they are mixed, else as `plan_rows` says.
RowPlan plan_mixed_rows(const graph::Chain& chain, const Program& program, const Mixtures& ways);

// The stream with that node behind it, where there are ways to mix.
graph::BatchStream mixed(graph::BatchStream stream, const Mixtures& ways, const MixedRows& rows);

}  // namespace sluice::nodes
