// A plan at work on a device: its blocks, its queue, its recordings. Everything here is enqueued
// and returns; what it throws is the device's failure.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <vector>

#include "runtime/backend/cudnn/device_clock.h"
#include "runtime/backend/cudnn/parameter_home.h"
#include "runtime/backend/cudnn/plan.h"
#include "runtime/backend/cudnn/uploads.h"

namespace sluice::cudnn {

// One caller at a time.
class DeviceStep {
 public:
  // Takes the device's memory and records the phases. Trials overwrite the parameters' blocks.
  // `clock`, which must outlive it, is told what is enqueued.
  DeviceStep(std::shared_ptr<Device> device, const Plan& plan, const RecordOptions& record,
             const DeviceParameters& parameters, DeviceClock& clock);

  // The host's say, then the rows once they are copied, then forward and what it gives the host.
  void forward(const StepInput& input, const UploadedRows& rows, DeviceParameters& parameters);
  void backward(DeviceParameters& parameters);
  // `rows` as in UpdateOf.
  void update(const UpdateOf& update, const StepInput& input, DeviceParameters& parameters);

  Queue& queue() { return *queue_; }
  // Once the marks of all phases so far were reached.
  void read_clock() noexcept { clock_.read(*device_); }
  void rest() { clock_.rest(); }
  // Waits in the calling thread for all that was enqueued.
  void wait() const;

  // Of the last forward, once it is over.
  std::span<const float> scores() const;
  std::span<const float> losses() const;
  // A copy of an array of the program's block; waits.
  std::vector<std::byte> look(const Array& array, std::size_t bytes);

  std::vector<Choice> choices() const;
  // Workspaces of the recordings so far; each has one of its own.
  std::size_t library_bytes() const;
  std::size_t image_bytes() const { return image_block_.size(); }
  std::size_t bytes() const {
    return block_.size() + step_.size() + image_block_.size() + library_bytes();
  }

 private:
  struct Recorded {
    std::byte* data = nullptr;
    std::unique_ptr<Recording> recording;
  };

  std::unique_ptr<Recording> record(const std::vector<Operation>& operations,
                                    const Memory& memory) const;
  std::vector<Operation> take_operations(RowForm form) const;
  const Recording& take_recording(const UploadedRows& rows);
  void take_image(const RowImage& image);
  void run(Phase phase, const Recording* first, const Recording* second,
           DeviceParameters& parameters);
  std::span<std::byte> staged(std::size_t begin, std::size_t end) const;

  std::shared_ptr<Device> device_;
  const Plan& plan_;
  RecordOptions record_;
  DeviceBlock block_, step_;
  RowImage image_;  // what stands in image_block_
  DeviceBlock image_block_;
  DeviceBlock staging_;  // pinned: what stands in step_
  DeviceBlock outputs_;  // pinned: scores, then losses
  Memory memory_;
  std::unique_ptr<Recording> forward_, backward_, update_;
  std::array<std::array<Recorded, 2>, kUploadSlots> take_;  // by slot and form
  DeviceClock& clock_;
  MarkPointer last_;
  std::unique_ptr<Queue> queue_;  // last: it waits for what uses the rest
};

}  // namespace sluice::cudnn
