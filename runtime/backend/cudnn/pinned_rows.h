// Memory for rows from which a device copies without a detour. Any thread.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <span>

#include "runtime/backend/cudnn/device.h"

namespace sluice::cudnn {

class PinnedRows : public std::enable_shared_from_this<PinnedRows> {
 public:
  explicit PinnedRows(std::shared_ptr<Device> device) : device_(std::move(device)) {}

  // Goes back with the last pointer to it, which may outlive all programs.
  std::shared_ptr<std::byte> take(std::size_t bytes);
  // Whether all of `rows` lies in memory that was taken here.
  bool holds(std::span<const std::byte> rows) const;

 private:
  std::shared_ptr<Device> device_;
  mutable std::mutex mutex_;
  std::map<const std::byte*, DeviceBlock> blocks_;
};

}  // namespace sluice::cudnn
