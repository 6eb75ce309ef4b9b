#include "nodes/read_record.h"

#include <algorithm>

namespace sluice::nodes {

Result<std::size_t> ReadRecord::read(const graph::SourceItem& item, std::span<std::byte> to) const {
  if (item.id.number >= records->count()) {
    return ItemError{
        fmt::format("record {} of {} does not exist", item.id.number, records->count())};
  }
  const auto record = records->record(item.id.number);
  if (record.size() != to.size())
    return ItemError{fmt::format("{} bytes, was {}", record.size(), to.size())};
  std::copy(record.begin(), record.end(), to.begin());
  return record.size();
}

}  // namespace sluice::nodes
