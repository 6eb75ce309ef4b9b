#include "runtime/backend/cudnn/cuda/cuda_queue.h"

#include <fmt/core.h>

#include <utility>

#include "runtime/backend/cudnn/cuda/recording.h"

namespace sluice::cudnn::cuda {

CudaQueue::CudaQueue(std::string name, std::shared_ptr<Health> health,
                     std::shared_ptr<EventPool> events)
    : name_(std::move(name)),
      health_(std::move(health)),
      events_(std::move(events)),
      stream_(health_->guard([] { return make_stream(); })),
      completions_(health_) {}

CudaQueue::~CudaQueue() {
  completions_.finish();  // its functions may still enqueue
  // Also of a device that is lost: it may have failed in one call and still be copying.
  (void)cudaStreamSynchronize(stream_.get());
}

void CudaQueue::copy_in(std::span<const std::byte> host, std::byte* device) {
  health_->guard([&] {
    check(cudaMemcpyAsync(device, host.data(), host.size(), cudaMemcpyHostToDevice, stream_.get()),
          fmt::format("copying {} bytes to the device ({})", host.size(), name_));
  });
}

void CudaQueue::copy_out(const std::byte* device, std::span<std::byte> host) {
  health_->guard([&] {
    check(cudaMemcpyAsync(host.data(), device, host.size(), cudaMemcpyDeviceToHost, stream_.get()),
          fmt::format("copying {} bytes from the device ({})", host.size(), name_));
  });
}

void CudaQueue::run(const Recording& recording) {
  health_->guard([&] { dynamic_cast<const CudaRecording&>(recording).enqueue(stream_.get()); });
}

MarkPointer CudaQueue::mark() {
  return health_->guard([&] { return mark_on(stream_.get(), events_); });
}

void CudaQueue::wait(const MarkPointer& mark) {
  health_->guard([&] {
    check(cudaStreamWaitEvent(stream_.get(), dynamic_cast<const CudaMark&>(*mark).event(), 0),
          fmt::format("making {} wait for a mark", name_));
  });
}

void CudaQueue::then(Completion done) {
  std::shared_ptr<CudaMark> mark;
  try {
    mark = health_->guard([&] { return mark_on(stream_.get(), events_); });
  } catch (const Error&) {
    // `done` is told the cause.
  }
  completions_.add(std::move(mark), std::move(done));
}

}  // namespace sluice::cudnn::cuda
