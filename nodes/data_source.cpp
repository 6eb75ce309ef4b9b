#include "nodes/data_source.h"

#include <algorithm>
#include <utility>

namespace sluice::nodes {

DataSource::DataSource(const io::Dataset& data, std::vector<std::uint32_t> order,
                       std::uint32_t epoch, Places places, std::vector<std::int64_t> begins)
    : data_(data),
      order_(std::move(order)),
      epoch_(epoch),
      end_(std::min(places.end, order_.size())),
      position_(std::min(places.begin, end_)),
      begins_(std::move(begins)) {}

std::optional<graph::SourceItem> DataSource::next() {
  if (position_ == end_) return std::nullopt;
  const std::uint32_t number = order_[position_];
  const io::Entry& entry = data_.entries[number];
  const auto here = static_cast<std::int64_t>(position_);
  while (next_begin_ < begins_.size() && begins_[next_begin_] < here) ++next_begin_;
  return graph::SourceItem{
      .id = {.epoch = epoch_,
             .number = number,
             .position = static_cast<std::uint32_t>(position_++)},
      .path = entry.path,
      .label = entry.label,
      .file_bytes = entry.bytes,
      .begins_batch = next_begin_ < begins_.size() && begins_[next_begin_] == here};
}

}  // namespace sluice::nodes
