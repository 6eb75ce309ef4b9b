// JPEG files held in memory, as a read node and a source of a pipeline.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "graph/node.h"

namespace sluice::bench {

struct MemoryFile {
  std::string name;
  std::vector<std::byte> bytes;
};

// Sample number k of a benchmark is file k % size.
using MemoryFiles = std::vector<MemoryFile>;

// Every file of `folder` (not below it) that the decoder takes, by name. Throws Error{usage} where
// there is none.
MemoryFiles load_jpeg_files(const std::filesystem::path& folder);

inline const MemoryFile& file_of(const MemoryFiles& files, std::uint32_t number) {
  return files[number % files.size()];
}

// Copies a file's bytes, as reading one from a warm page cache would. `files` must outlive it.
struct ReadMemory {
  static constexpr graph::NodeInfo info{.name = "read",
                                        .kind = graph::NodeKind::read,
                                        .cost = graph::CostClass::bytes,
                                        .help = "copies a file that is in memory"};
  const MemoryFiles* files = nullptr;

  Result<std::size_t> read(const graph::SourceItem& item, std::span<std::byte> to) const;
};
static_assert(graph::ReadNode<ReadMemory>);

// Samples 0 to `count` - 1, in order. `files` must outlive it.
class MemorySource final : public graph::Source {
 public:
  MemorySource(const MemoryFiles& files, std::uint32_t count) : files_(files), count_(count) {}
  std::optional<graph::SourceItem> next() override;

 private:
  const MemoryFiles& files_;
  std::uint32_t count_;
  std::uint32_t position_ = 0;
};

}  // namespace sluice::bench
