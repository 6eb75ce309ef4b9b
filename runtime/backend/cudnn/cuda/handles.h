// CUDA's handles as values: move-only, the size of a pointer, destroyed without throwing.
#pragma once

#include <cuda_runtime_api.h>

#include <memory>
#include <string_view>

#include "runtime/error.h"

namespace sluice::cudnn::cuda {

template <auto Destroy>
struct Deleter {
  void operator()(auto* handle) const noexcept { (void)Destroy(handle); }
};

using Stream = std::unique_ptr<CUstream_st, Deleter<cudaStreamDestroy>>;
using Event = std::unique_ptr<CUevent_st, Deleter<cudaEventDestroy>>;
using Graph = std::unique_ptr<CUgraph_st, Deleter<cudaGraphDestroy>>;
using GraphExec = std::unique_ptr<CUgraphExec_st, Deleter<cudaGraphExecDestroy>>;
static_assert(sizeof(Stream) == sizeof(void*));

// Throws Error{run}: what could not be done, and CUDA's own words.
inline void check(cudaError_t status, std::string_view what) {
  if (status == cudaSuccess) return;
  (void)cudaGetLastError();  // else the next call of this thread would report it again
  fail(ErrorKind::run, "CUDA: {}: {} ({})", what, cudaGetErrorString(status),
       cudaGetErrorName(status));
}

// The first device becomes the calling thread's, with its context: libraries that call the driver
// look for that.
inline void take_device() { check(cudaSetDevice(0), "taking the device"); }

// Works beside others: waits for none of them, not even for the default stream.
inline Stream make_stream() {
  cudaStream_t stream = nullptr;
  check(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking), "making a stream");
  return Stream(stream);
}

// Measures time; who waits for it sleeps.
inline Event make_event() {
  cudaEvent_t event = nullptr;
  check(cudaEventCreateWithFlags(&event, cudaEventBlockingSync), "making an event");
  return Event(event);
}

}  // namespace sluice::cudnn::cuda
