// What the host says of a step, as one small block that is copied to the device: numbers, labels,
// row weights and transforms before forward, the update's factors before update.
#pragma once

#include <span>

#include "runtime/backend/cudnn/operation.h"
#include "runtime/net/net_state.h"

namespace sluice::cudnn {

struct StepLayout {
  // StepNumbers stand at its start.
  Array labels;        // (rows) int32
  Array row_weights;   // (rows) f32
  Array other_labels;  // (rows) int32
  Array other_shares;  // (rows) f32
  Array transforms;    // (rows) RowTransform
  Array factors;       // (parameters) UpdateSegment
  std::size_t bytes = 0;

  // The part that forward needs, and the one that update needs.
  std::size_t forward_bytes() const { return factors.offset; }
};

StepLayout step_layout(int rows, std::size_t parameters);

// Both write into a block of `layout.bytes`. Rows whose transforms are not given have none.
void write_forward(const StepLayout& layout, const StepInput& input, std::span<std::byte> block);

struct UpdateOf {
  const Net& net;
  const UpdateRule& rule;
  double rows = 1.0;  // behind the gradient sums; positive
};
void write_update(const StepLayout& layout, const UpdateOf& update, const StepInput& input,
                  std::span<std::byte> block);

Update::Form update_form(const UpdateRule& rule);

}  // namespace sluice::cudnn
