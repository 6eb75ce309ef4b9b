#include "runtime/backend/cudnn/pinned_rows.h"

#include <algorithm>

namespace sluice::cudnn {

std::shared_ptr<std::byte> PinnedRows::take(std::size_t bytes) {
  DeviceBlock block = device_->allocate_pinned(std::max<std::size_t>(bytes, 1));
  std::byte* const data = block.data();
  {
    const std::scoped_lock lock(mutex_);
    blocks_.emplace(data, std::move(block));
  }
  return {data, [self = shared_from_this()](std::byte* taken) {
            const std::scoped_lock lock(self->mutex_);
            self->blocks_.erase(taken);
          }};
}

bool PinnedRows::holds(std::span<const std::byte> rows) const {
  const std::scoped_lock lock(mutex_);
  auto found = blocks_.upper_bound(rows.data());
  if (found == blocks_.begin()) return false;
  --found;
  return rows.data() + rows.size() <= found->first + found->second.size();
}

}  // namespace sluice::cudnn
