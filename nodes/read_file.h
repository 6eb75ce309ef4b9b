// Reads a file's compressed bytes.
#pragma once

#include <filesystem>
#include <memory>

#include "graph/node.h"
#include "io/descriptor.h"

namespace sluice::nodes {

// A file that vanished, changed its size or cannot be read is a bad item. Allocates nothing unless
// it fails. A copyable value; copies share the open folder.
class ReadFile {
 public:
  static constexpr graph::NodeInfo info{.name = "read",
                                        .kind = graph::NodeKind::read,
                                        .cost = graph::CostClass::bytes,
                                        .help = "reads a file into memory"};

  // Items' paths are relative to `root`, which is opened here, once. Throws Error{usage} when it
  // cannot be.
  explicit ReadFile(const std::filesystem::path& root);

  Result<std::size_t> read(const graph::SourceItem& item, std::span<std::byte> to) const;

 private:
  std::shared_ptr<const io::Descriptor> root_;
};
static_assert(graph::ReadNode<ReadFile>);

}  // namespace sluice::nodes
