// A device as this backend sees it: memory, queues that work in order, marks in them. CUDA's is
// `cuda/cuda_device`; a stand-in for tests computes with the host's twins in threads of its own.
//
// Nothing here waits for the device but `wait_for` of a mark, `Queue`'s destructor and what says
// so. Failures of the device are Error{run}, in one line that names the call; after the first one a
// device is lost: every later call fails with the same cause, and destructors still return.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "runtime/backend/cudnn/operation.h"

namespace sluice::cudnn {

// Memory that a device gave; move-only; goes back when destroyed (which waits for nothing: CUDA
// frees in order behind what was enqueued, or the owner has seen its work done).
class DeviceBlock {
 public:
  using Free = std::function<void(std::byte*)>;  // must not throw

  DeviceBlock() = default;
  DeviceBlock(std::byte* data, std::size_t size, Free free)
      : data_(data), size_(size), free_(std::move(free)) {}
  DeviceBlock(DeviceBlock&& other) noexcept { *this = std::move(other); }
  DeviceBlock& operator=(DeviceBlock&& other) noexcept {
    if (this == &other) return *this;
    release();
    data_ = std::exchange(other.data_, nullptr);
    size_ = std::exchange(other.size_, 0);
    free_ = std::move(other.free_);
    return *this;
  }
  ~DeviceBlock() { release(); }

  std::byte* data() const { return data_; }
  std::size_t size() const { return size_; }
  void release() noexcept {
    if (data_ != nullptr) free_(data_);
    data_ = nullptr;
    size_ = 0;
  }

 private:
  std::byte* data_ = nullptr;
  std::size_t size_ = 0;
  Free free_;
};

// A point in a queue's work. Shared: a queue may wait for another's mark.
class Mark {
 public:
  virtual ~Mark() = default;
};
using MarkPointer = std::shared_ptr<Mark>;

// A list of operations made ready for one device and one memory: plans of vendors' libraries are
// chosen, and where the device can, the list is one graph that is launched at once.
class Recording {
 public:
  virtual ~Recording() = default;
};

// What the library chose for one operation.
struct Choice {
  std::string layer;
  std::string operation;
  std::string implementation;  // the library's own word, or "own kernel"
  std::size_t workspace = 0;
};

enum class Launch : std::uint8_t { graph, one_by_one };

struct RecordOptions {
  Launch launch = Launch::graph;
  F32Math math = F32Math::exact;
  // Where measured choices are kept between runs; empty: measured again each time.
  std::string tuning_file{};
};

// Work in order. One thread at a time enqueues; nothing here waits for what was enqueued.
class Queue {
 public:
  virtual ~Queue() = default;  // waits for what was enqueued, unless the device is lost

  // `host` must be pinned memory of this device and stay until a mark behind it was reached.
  virtual void copy_in(std::span<const std::byte> host, std::byte* device) = 0;
  virtual void copy_out(const std::byte* device, std::span<std::byte> host) = 0;
  virtual void run(const Recording& recording) = 0;
  virtual MarkPointer mark() = 0;
  // Work enqueued from now on begins when the mark has been reached.
  virtual void wait(const MarkPointer& mark) = 0;
  // Calls `done` from a thread of the device's when all that was enqueued is done: null, or the
  // device's first failure. `done` is short and may enqueue. Called exactly once, also when the
  // device is lost.
  virtual void then(Completion done) = 0;
};

// Any thread may call.
class Device {
 public:
  virtual ~Device() = default;

  virtual std::string name() const = 0;  // "NVIDIA H200"
  virtual std::size_t memory_bytes() const = 0;
  virtual std::size_t free_bytes() const = 0;

  // Contents undefined. Throws Error{run} that names the bytes asked for and those left.
  virtual DeviceBlock allocate(std::size_t bytes) = 0;
  // In this process's memory, for copies that do not wait.
  virtual DeviceBlock allocate_pinned(std::size_t bytes) = 0;

  virtual std::unique_ptr<Queue> make_queue(std::string name) = 0;
  // Chooses implementations and workspaces; may run trials on the device (`memory` is overwritten).
  virtual std::unique_ptr<Recording> record(std::span<const Operation> operations,
                                            const Memory& memory, const RecordOptions& options) = 0;
  virtual std::vector<Choice> choices(const Recording& recording) const = 0;

  // Seconds on the device between two marks of one queue that were both reached.
  virtual double seconds_between(const MarkPointer& first, const MarkPointer& second) const = 0;
  // Waits in the calling thread. For ends and tests, never in a node's body.
  virtual void wait_for(const MarkPointer& mark) = 0;
};

}  // namespace sluice::cudnn
