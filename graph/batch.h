// A finished batch: the contents of one slot. Owned by the pipeline; nodes and leases see it by
// reference, one at a time.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "runtime/error.h"
#include "runtime/extent.h"
#include "runtime/row_image.h"
#include "runtime/row_transform.h"

namespace sluice::graph {

struct SampleId {
  std::uint32_t epoch = 0;
  std::uint32_t number = 0;    // in the data set's order: what random draws are keyed by
  std::uint32_t position = 0;  // in the epoch's order
};

// A record that failed on its way; its row is zeros with weight 0.
struct BadItem {
  int row = 0;
  std::string path;
  std::string node;  // where it failed
  ItemError error;
};

struct Batch {
  std::int64_t number = 0;  // 0, 1, ... in the run
  std::uint32_t epoch = 0;
  int count = 0;  // samples; rows from `count` on are zeros with weight 0

  std::span<float> rows;                 // (batch x views, row_floats); or, as bytes:
  std::span<std::byte> row_bytes;        // (batch, row_bytes)
  std::vector<RowTransform> transforms;  // (batch): what is still to be done to each of those
  RowImage row_image;                    // what those of them subtract that subtract an image
  int views = 1;                         // rows of a sample: row = sample x views + view
  std::vector<std::int32_t> labels;      // (batch x views)
  std::vector<float> row_weights;        // (batch x views): 1, or 0 for a bad or missing row
  std::vector<SampleId> ids;             // (batch)
  // (batch) each where a node has mixed rows (StepInput::other_labels), else empty.
  std::vector<std::int32_t> other_labels;
  std::vector<float> other_shares;
  std::vector<BadItem> bad;  // by row

  // Filled by batch nodes for those behind them.
  Extent extent{};  // of all rows, where batches have sizes of their own (nodes/full_rows.h)
  std::vector<float> scores;      // (batch x views, classes), before the softmax
  std::vector<float> row_losses;  // (batch x views)
  std::uint32_t step = 0;
  double rate = 0.0;
};

}  // namespace sluice::graph
