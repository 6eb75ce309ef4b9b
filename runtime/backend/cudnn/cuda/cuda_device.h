// A GPU through CUDA.
#pragma once

#include <memory>
#include <string>

#include "runtime/backend/cudnn/cuda/health.h"
#include "runtime/backend/cudnn/cuda/libraries.h"
#include "runtime/backend/cudnn/cuda/mark.h"
#include "runtime/backend/cudnn/cuda/recording.h"
#include "runtime/backend/cudnn/device.h"

namespace sluice::cudnn::cuda {

// The first device of the process; every thread's current one. Queues, recordings and blocks must
// go before it.
class CudaDevice final : public Device {
 public:
  // Throws Error{run}.
  explicit CudaDevice(const Libraries& libraries);

  std::string name() const override { return properties_.name; }
  std::size_t memory_bytes() const override { return properties_.totalGlobalMem; }
  std::size_t free_bytes() const override;

  DeviceBlock allocate(std::size_t bytes) override;
  DeviceBlock allocate_pinned(std::size_t bytes) override;

  std::unique_ptr<Queue> make_queue(std::string name) override;
  std::unique_ptr<Recording> record(std::span<const Operation> operations, const Memory& memory,
                                    const RecordOptions& options) override;
  std::vector<Choice> choices(const Recording& recording) const override;

  double seconds_between(const MarkPointer& first, const MarkPointer& second) const override;
  void wait_for(const MarkPointer& mark) override;

 private:
  cudaDeviceProp properties_;
  std::shared_ptr<Health> health_ = std::make_shared<Health>();
  std::shared_ptr<EventPool> events_ = std::make_shared<EventPool>();
  Makers makers_;
};

}  // namespace sluice::cudnn::cuda
