#include "runtime/backend/cudnn/cuda/recording.h"

#include <algorithm>
#include <utility>

#include "runtime/backend/cudnn/cuda/operation_key.h"
#include "runtime/backend/cudnn/cuda/own_kernels.h"
#include "runtime/backend/cudnn/cuda/tuning.h"
#include "runtime/backend/cudnn/cuda/tuning_cache.h"

namespace sluice::cudnn::cuda {
namespace {

// Chooses implementations one operation after the other.
class Chooser {
 public:
  Chooser(const RecordOptions& options, const Memory& memory, Makers& makers, Device& device)
      : options_(options),
        memory_(memory),
        makers_(makers),
        device_(device),
        cache_(options.tuning_file),
        stream_(makers.stream.get()) {}

  void choose(ReadyOperation& ready) {
    std::visit([&](const auto& what) { choose_for(what, ready); }, ready.operation.what);
  }
  void save() { cache_.save(); }

 private:
  template <class What>
  void choose_for(const What& what, ReadyOperation& ready) {
    if constexpr (std::is_constructible_v<Convolution, What>) {
      choose_from(*makers_.convolutions, Convolution(what), ready);
    } else if constexpr (std::is_constructible_v<Product, What>) {
      choose_from(*makers_.products, Product(what), ready);
    }
  }

  template <class Maker, class What>
  void choose_from(Maker& maker, const What& what, ReadyOperation& ready) {
    const std::string key = makers_.device_key + ", " + operation_key(what, options_.math);
    if (take_remembered(maker, what, cache_.find(key), ready)) return;
    prepare(maker, what, std::nullopt, ready);
    const DeviceBlock room = room_for(*ready.candidates);
    ready.chosen = fastest(*ready.candidates, stream_, room.data());
    cache_.put(key, ready.candidates->preference(ready.chosen));
  }

  template <class Maker, class What>
  void prepare(Maker& maker, const What& what, const std::optional<Preference>& preferred,
               ReadyOperation& ready) {
    ready.candidates = maker.prepare(
        what, memory_,
        {.math = options_.math, .most_workspace = most_workspace_now(), .preferred = preferred});
  }

  // False where there is no such choice, or it does not run here any more (another driver): then
  // it is made again.
  template <class Maker, class What>
  bool take_remembered(Maker& maker, const What& what, const std::optional<Preference>& preferred,
                       ReadyOperation& ready) {
    if (!preferred) return false;
    try {
      prepare(maker, what, preferred, ready);
      const auto place = place_of(*ready.candidates, preferred);
      if (!place) return false;
      ready.chosen = *place;
      run_once(*ready.candidates, ready.chosen, room_for(*ready.candidates));
      return true;
    } catch (const Error&) {
      (void)cudaGetLastError();
      return false;
    }
  }

  DeviceBlock room_for(const Candidates& candidates) {
    return device_.allocate(std::max(most_workspace(candidates), kLeast));
  }

  // A program's own arrays are there already, and its other lists want some too.
  std::size_t most_workspace_now() const {
    return std::min(device_.memory_bytes() / 4, device_.free_bytes() / 2);
  }

  // A library loads its kernels when it first runs, which a capture may not allow.
  void run_once(const Candidates& candidates, std::size_t chosen, const DeviceBlock& room) {
    candidates.enqueue(chosen, stream_, room.data());
    check(cudaStreamSynchronize(stream_), "waiting for a first run");
  }

  static std::optional<std::size_t> place_of(const Candidates& candidates,
                                             const std::optional<Preference>& preferred) {
    for (std::size_t i = 0; preferred && i < candidates.count(); ++i) {
      if (candidates.preference(i) == *preferred) return i;
    }
    return std::nullopt;
  }

  static constexpr std::size_t kLeast = 256;  // no allocation of nothing

  const RecordOptions& options_;
  const Memory& memory_;
  Makers& makers_;
  Device& device_;
  TuningCache cache_;
  cudaStream_t stream_;
};

Choice choice_of(const ReadyOperation& ready) {
  Choice choice{.layer = ready.operation.layer,
                .operation = operation_name(ready.operation.what),
                .implementation = "own kernel"};
  if (ready.candidates != nullptr) {
    choice.implementation = ready.candidates->preference(ready.chosen).name;
    choice.workspace = ready.candidates->workspace(ready.chosen);
  }
  return choice;
}

}  // namespace

CudaRecording::CudaRecording(std::span<const Operation> operations, const Memory& memory,
                             const RecordOptions& options, Makers& makers, Device& device)
    : memory_(memory) {
  const std::lock_guard lock(makers.busy);
  take_device();
  for (const Operation& operation : operations) operations_.push_back({operation});
  choose(options, makers, device);
  std::size_t most = 0;
  for (const ReadyOperation& ready : operations_) {
    choices_.push_back(choice_of(ready));
    most = std::max(most, choices_.back().workspace);
  }
  if (most > 0) workspace_ = device.allocate(most);
  if (options.launch == Launch::graph) capture_or_tell(makers.stream.get());
}

// A list that cannot be captured is launched one by one, and its choices say so: slower, the same
// bits. A device that is lost says so itself in the next call.
void CudaRecording::capture_or_tell(cudaStream_t stream) {
  try {
    capture(stream);
  } catch (const Error& error) {
    choices_.push_back({.layer = "all",
                        .operation = "launch",
                        .implementation = fmt::format("one by one, because {}", error.what())});
  }
}

void CudaRecording::choose(const RecordOptions& options, Makers& makers, Device& device) {
  Chooser chooser(options, memory_, makers, device);
  for (ReadyOperation& ready : operations_) {
    try {
      chooser.choose(ready);
    } catch (const Error& error) {
      throw Error(error.kind(), fmt::format("layer {}: {}: {}", ready.operation.layer,
                                            operation_name(ready.operation.what), error.what()));
    }
  }
  chooser.save();
}

void CudaRecording::enqueue(cudaStream_t stream) const {
  if (graph_ == nullptr) return enqueue_each(stream);
  check(cudaGraphLaunch(graph_.get(), stream), "launching a graph");
}

void CudaRecording::enqueue_each(cudaStream_t stream) const {
  take_device();
  for (const ReadyOperation& ready : operations_) {
    if (ready.candidates == nullptr) {
      launch_own(ready.operation, memory_, stream);
    } else {
      ready.candidates->enqueue(ready.chosen, stream, workspace_.data());
    }
  }
}

void CudaRecording::capture(cudaStream_t stream) {
  check(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal), "beginning a capture");
  std::exception_ptr failure;
  try {
    enqueue_each(stream);
  } catch (...) {  // whatever it is, the stream must not be left capturing
    failure = std::current_exception();
  }
  cudaGraph_t captured = nullptr;
  const cudaError_t ended = cudaStreamEndCapture(stream, &captured);
  const Graph graph(captured);
  if (failure != nullptr) {
    (void)cudaGetLastError();
    std::rethrow_exception(failure);
  }
  check(ended, "ending a capture");
  cudaGraphExec_t made = nullptr;
  check(cudaGraphInstantiate(&made, graph.get(), 0), "making a graph ready");
  graph_.reset(made);
}

}  // namespace sluice::cudnn::cuda
