// Which image stands where in an epoch, and where its batches begin. Pure; any thread.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "runtime/extent.h"

namespace sluice::nodes {

struct EpochPlan {
  std::vector<std::uint32_t> order;  // numbers of a data set's entries
  // Places of `order`, rising; the first is 0 (none of an empty order). The last batch goes to the
  // order's end.
  std::vector<std::int64_t> begins;

  // Batches before a place at which one begins, or the order's end.
  std::int64_t batches_before(std::int64_t place) const;
  // Where a pass ends that takes `batches` from `place` on; the order's end, where there are fewer.
  std::int64_t place_behind(std::int64_t place, std::int64_t batches) const;
  // Of the epoch's batches in the mean, rounded; at least 1.
  int images_a_batch() const;
};

// Batches of `batch` images one behind the other; the last may be smaller.
EpochPlan plan_batches(std::vector<std::uint32_t> order, int batch);

// Batches of one size each, of at most `batch` images; `sizes`: by number. Images of a size keep
// their order; a batch stands where the first of its images does among those of all batches. Of
// images of one size this is plan_batches.
EpochPlan plan_batches_by_size(const std::vector<std::uint32_t>& order,
                               std::span<const Extent> sizes, int batch);

}  // namespace sluice::nodes
