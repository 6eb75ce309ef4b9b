// A state's parameters on a device: blocks that all programs of the state share.
#pragma once

#include <array>
#include <memory>
#include <span>

#include "runtime/backend/cudnn/device.h"
#include "runtime/backend/cudnn/parameter_arrangement.h"

namespace sluice::cudnn {

// Which blocks a program computes with beside the values.
struct ParameterNeeds {
  bool learning = false;
  bool rounded = false;
};

// One thread at a time, like the state. Blocks go back when the last program and the state are
// gone.
class DeviceParameters final : public ParameterHome {
 public:
  DeviceParameters(std::shared_ptr<Device> device, ParameterArrangement arrangement);

  const std::shared_ptr<Device>& device() const { return device_; }
  const ParameterArrangement& arrangement() const { return arrangement_; }

  // Takes the blocks that are not there yet; what is in those is undefined until `send`.
  void allocate(ParameterNeeds needs);
  void put_into(Memory& memory) const;
  std::size_t bytes() const;

  // Both wait for all that programs enqueued here, and until the copy is done.
  void send(std::span<const Parameter> parameters);
  void fetch(std::span<Parameter> parameters) override;

  // Order among the queues of several programs: work that `queue` is handed behind `enter` begins
  // after everything that was marked by `leave`.
  void enter(Queue& queue) const;
  void leave(MarkPointer mark) { last_ = std::move(mark); }
  void wait() const;

 private:
  class Pieces;
  void send_tensors(Pieces& pieces, std::span<const Parameter> parameters) const;
  std::byte* at(const Array& array) const;

  std::shared_ptr<Device> device_;
  ParameterArrangement arrangement_;
  DeviceBlock values_, learning_, rounded_;
  DeviceBlock staging_;  // pinned
  MarkPointer last_;
  std::unique_ptr<Queue> queue_;  // last: it waits for what uses the blocks
};

}  // namespace sluice::cudnn
