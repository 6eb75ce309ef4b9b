// Lists of operations made ready for a device.
#pragma once

#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "runtime/backend/cudnn/cuda/convolution.h"
#include "runtime/backend/cudnn/cuda/handles.h"
#include "runtime/backend/cudnn/cuda/product.h"
#include "runtime/backend/cudnn/device.h"

namespace sluice::cudnn::cuda {

// The libraries' handles of one device, and what its measured choices are filed under.
struct Makers {
  // cuDNN remembers the stream it was used with last: this one lives as long as the handles.
  Stream stream = make_stream();
  std::unique_ptr<Convolutions> convolutions;
  std::unique_ptr<Products> products;
  std::string device_key;  // the device and the versions of the libraries
  std::mutex busy{};       // trials and captures, one list at a time
};

// One operation made ready.
struct ReadyOperation {
  Operation operation;
  std::unique_ptr<Candidates> candidates{};  // none: an own kernel
  std::size_t chosen = 0;
};

// Bound to the addresses it was made with; its operations share one workspace. Enqueuing one by one
// is for one thread at a time.
class CudaRecording final : public Recording {
 public:
  // Chooses implementations (trials overwrite `memory`) and captures the list if the options say
  // so. `device` gives the workspace; it and `makers` must outlive this. Any thread; lists wait for
  // each other. Throws Error{run}.
  CudaRecording(std::span<const Operation> operations, const Memory& memory,
                const RecordOptions& options, Makers& makers, Device& device);

  void enqueue(cudaStream_t stream) const;
  const std::vector<Choice>& choices() const { return choices_; }

 private:
  void choose(const RecordOptions& options, Makers& makers, Device& device);
  void enqueue_each(cudaStream_t stream) const;
  void capture_or_tell(cudaStream_t stream);
  void capture(cudaStream_t stream);

  Memory memory_;
  DeviceBlock workspace_;
  std::vector<ReadyOperation> operations_;
  std::vector<Choice> choices_;
  GraphExec graph_;  // none: one by one
};

}  // namespace sluice::cudnn::cuda
