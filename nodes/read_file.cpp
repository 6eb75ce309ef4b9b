#include "nodes/read_file.h"

#include "io/read_file.h"

namespace sluice::nodes {

ReadFile::ReadFile(const std::filesystem::path& root)
    : root_(std::make_shared<const io::Descriptor>(io::open_folder(root))) {}

Result<std::size_t> ReadFile::read(const graph::SourceItem& item, std::span<std::byte> to) const {
  const Result<> done = io::read_file(*root_, item.path, to);
  if (!done.ok()) return done.error();
  return to.size();
}

}  // namespace sluice::nodes
