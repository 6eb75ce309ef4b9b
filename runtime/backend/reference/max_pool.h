// Max-pooling. Where sizes round up, last windows may hang over the edge: they see what is there.
#pragma once

#include <span>

#include "runtime/backend/reference/batch_shapes.h"
#include "runtime/net/layer_spec.h"

namespace sluice::reference {

// `winners`: for each output the index of its input in the whole batch; the first in reading order
// wins a tie.
template <class T>
void max_pool_forward(const MaxPool& pool, const BatchShapes& shapes, std::span<const T> in,
                      std::span<T> out, std::span<std::size_t> winners);

template <class T>
void max_pool_backward(std::span<const T> out_gradient, std::span<const std::size_t> winners,
                       std::span<T> in_gradient);

}  // namespace sluice::reference
