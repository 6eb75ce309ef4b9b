// A pipeline's stages after the checks, and one account row a node in pipeline order.
#pragma once

#include <memory>
#include <vector>

#include "graph/node_meter.h"
#include "graph/stream.h"

namespace sluice::graph {

using Meter = std::unique_ptr<NodeMeter>;

struct AugmentNodeWiring {
  std::unique_ptr<AugmentStage> stage;
  std::uint32_t stream = 0;  // of its random draws
  Meter meter;
  // Of a node that is left: nodes that are run and stand behind it, and whether it has an image.
  std::size_t run_behind = 0;
  bool has_image = false;
};

struct BranchWiring {
  std::vector<AugmentNodeWiring> augment;
  std::vector<AugmentNodeWiring> left;  // drawn, not run: no rows of the account
  std::unique_ptr<CollectStage> collect;
  std::vector<std::unique_ptr<BatchStage>> batch_nodes;

  Meter collate_meter;
  Meter order_meter;
  std::vector<Meter> batch_meters;
};

// A row of the account in a pipeline.
struct WiredRow {
  NodeMeter& meter;
  const NodeMeter* before = nullptr;  // that image nodes get their items from
  const BatchStage* stage = nullptr;  // of batch nodes
  int branch = 0;
  int node = 0;  // of the branch's batch nodes
};

struct Wiring {
  std::unique_ptr<ReadStage> read;
  std::unique_ptr<DecodeStage> decode;
  std::vector<AugmentNodeWiring> augment;  // of the trunk
  std::vector<BranchWiring> branches;

  Meter source_meter;
  Meter read_meter;
  Meter plan_meter;
  Meter decode_meter;

  // Every row in pipeline order.
  std::vector<WiredRow> rows() const;
  std::vector<NodeRecord> records() const;
};

// `slots`: of the arena. Throws Error{usage}: no branch, branches of different trunks, a name used
// twice in one row of nodes, a step token that is taken and not given back.
Wiring wire(std::vector<BatchStream> branches, int slots);

}  // namespace sluice::graph
