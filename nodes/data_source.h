// Hands out the images of a data set in an order.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "graph/node.h"
#include "io/dataset.h"

namespace sluice::nodes {

// One pass. Refers to its data set, which must outlive it.
class DataSource final : public graph::Source {
 public:
  // `order` gives numbers of entries; `limit` ends the pass early (0: never).
  DataSource(const io::Dataset& data, std::vector<std::uint32_t> order, std::uint32_t epoch,
             std::size_t limit = 0);
  std::optional<graph::SourceItem> next() override;

 private:
  const io::Dataset& data_;
  std::vector<std::uint32_t> order_;
  std::uint32_t epoch_;
  std::size_t end_;
  std::size_t position_ = 0;
};

}  // namespace sluice::nodes
