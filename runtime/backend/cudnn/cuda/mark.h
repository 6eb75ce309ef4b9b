// Marks: CUDA's events, used again when nobody holds them any more.
#pragma once

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "runtime/backend/cudnn/cuda/handles.h"
#include "runtime/backend/cudnn/device.h"

namespace sluice::cudnn::cuda {

// Any thread may call.
class EventPool {
 public:
  Event take() {
    {
      const std::lock_guard lock(mutex_);
      if (!events_.empty()) {
        Event event = std::move(events_.back());
        events_.pop_back();
        return event;
      }
    }
    return make_event();
  }

  void give_back(Event event) {
    const std::lock_guard lock(mutex_);
    events_.push_back(std::move(event));
  }

 private:
  std::mutex mutex_;
  std::vector<Event> events_;
};

class CudaMark final : public Mark {
 public:
  explicit CudaMark(std::shared_ptr<EventPool> pool)
      : pool_(std::move(pool)), event_(pool_->take()) {}
  ~CudaMark() override { pool_->give_back(std::move(event_)); }
  CudaMark(const CudaMark&) = delete;
  CudaMark& operator=(const CudaMark&) = delete;

  cudaEvent_t event() const { return event_.get(); }

 private:
  std::shared_ptr<EventPool> pool_;
  Event event_;
};

// A mark behind all that was enqueued on `stream`. Throws Error{run}.
inline std::shared_ptr<CudaMark> mark_on(cudaStream_t stream,
                                         const std::shared_ptr<EventPool>& pool) {
  auto mark = std::make_shared<CudaMark>(pool);
  check(cudaEventRecord(mark->event(), stream), "setting a mark");
  return mark;
}

}  // namespace sluice::cudnn::cuda
