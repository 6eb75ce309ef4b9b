// A queue: one stream of CUDA's that waits for no other.
#pragma once

#include <memory>
#include <string>

#include "runtime/backend/cudnn/cuda/completions.h"
#include "runtime/backend/cudnn/cuda/mark.h"
#include "runtime/backend/cudnn/device.h"

namespace sluice::cudnn::cuda {

class CudaQueue final : public Queue {
 public:
  CudaQueue(std::string name, std::shared_ptr<Health> health, std::shared_ptr<EventPool> events);
  ~CudaQueue() override;

  void copy_in(std::span<const std::byte> host, std::byte* device) override;
  void copy_out(const std::byte* device, std::span<std::byte> host) override;
  void run(const Recording& recording) override;
  MarkPointer mark() override;
  void wait(const MarkPointer& mark) override;
  void then(Completion done) override;

 private:
  std::string name_;
  std::shared_ptr<Health> health_;
  std::shared_ptr<EventPool> events_;
  Stream stream_;
  Completions completions_;  // last: its functions use all of the above
};

}  // namespace sluice::cudnn::cuda
