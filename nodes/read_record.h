// Hands out the bytes of images that lie in memory.
#pragma once

#include <memory>

#include "graph/node.h"
#include "io/grey_records.h"

namespace sluice::nodes {

// ReadFile's twin for data sets with records: an item's number says which. A copyable value; copies
// share the records.
struct ReadRecord {
  static constexpr graph::NodeInfo info{.name = "read",
                                        .kind = graph::NodeKind::read,
                                        .cost = graph::CostClass::bytes,
                                        .help = "copies an image's bytes from memory"};

  std::shared_ptr<const io::GreyRecords> records;

  Result<std::size_t> read(const graph::SourceItem& item, std::span<std::byte> to) const;
};
static_assert(graph::ReadNode<ReadRecord>);

}  // namespace sluice::nodes
