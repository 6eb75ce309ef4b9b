// A pipeline's stages after the checks, and one account row a node in pipeline order.
#pragma once

#include <memory>
#include <vector>

#include "graph/counts.h"
#include "graph/stream.h"

namespace sluice::graph {

using Counts = std::unique_ptr<NodeCounts>;

struct AugmentNodeWiring {
  std::unique_ptr<AugmentStage> stage;
  std::uint32_t stream = 0;  // of its random draws
  Counts counts;
};

struct BranchWiring {
  std::vector<AugmentNodeWiring> augment;
  std::unique_ptr<CollectStage> collect;
  std::vector<std::unique_ptr<BatchStage>> batch_nodes;

  Counts collate_counts;
  Counts order_counts;
  std::vector<Counts> batch_counts;
};

struct Wiring {
  std::unique_ptr<ReadStage> read;
  std::unique_ptr<DecodeStage> decode;
  std::vector<AugmentNodeWiring> augment;  // of the trunk
  std::vector<BranchWiring> branches;

  Counts source_counts;
  Counts read_counts;
  Counts plan_counts;
  Counts decode_counts;

  // Visits every row in pipeline order.
  std::vector<NodeRecord> records() const;
};

// Throws Error{usage}: no branch, branches of different trunks, a name used twice in one row of
// nodes, a step token that is taken and not given back.
Wiring wire(std::vector<BatchStream> branches);

}  // namespace sluice::graph
