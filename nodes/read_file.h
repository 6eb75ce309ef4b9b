// Reads a file's compressed bytes.
#pragma once

#include <filesystem>

#include "graph/node.h"

namespace sluice::nodes {

// A file that vanished, changed its size or cannot be read is a bad item.
struct ReadFile {
  static constexpr graph::NodeInfo info{.name = "read",
                                        .kind = graph::NodeKind::read,
                                        .cost = graph::CostClass::bytes,
                                        .help = "reads a file into memory"};

  std::filesystem::path root;  // items' paths are relative to it

  Result<std::size_t> read(const graph::SourceItem& item, std::span<std::byte> to) const;
};
static_assert(graph::ReadNode<ReadFile>);

}  // namespace sluice::nodes
