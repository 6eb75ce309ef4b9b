// Hands out the images of a data set in an order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "graph/node.h"
#include "io/dataset.h"

namespace sluice::nodes {

// The places of an order that a pass visits: from `begin` up to `end`, or to the order's own end.
struct Places {
  std::size_t begin = 0;
  std::size_t end = std::numeric_limits<std::size_t>::max();
};

// One pass. Refers to its data set, which must outlive it.
class DataSource final : public graph::Source {
 public:
  // `order` gives numbers of entries. A sample's position is its place in the whole order.
  // `begins`: places of the order at which a batch begins, rising, whether the one before is full
  // or not; none: batches are full.
  DataSource(const io::Dataset& data, std::vector<std::uint32_t> order, std::uint32_t epoch,
             Places places = {}, std::vector<std::int64_t> begins = {});
  std::optional<graph::SourceItem> next() override;

 private:
  const io::Dataset& data_;
  std::vector<std::uint32_t> order_;
  std::uint32_t epoch_;
  std::size_t end_;
  std::size_t position_;
  std::vector<std::int64_t> begins_;
  std::size_t next_begin_ = 0;  // of `begins_`, at the position or behind it
};

}  // namespace sluice::nodes
