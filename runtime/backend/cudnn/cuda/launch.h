// Launches over elements and folds (elements/run_own.h). For .cu files only.
#pragma once

#include <cuda_runtime_api.h>

#include <algorithm>
#include <cstdint>

#include "runtime/backend/cudnn/elements/fold.h"

namespace sluice::cudnn::cuda {

inline constexpr int kBlock = 256;                      // threads
inline constexpr std::int64_t kMostBlocks = 1LL << 16;  // beyond, each thread takes several

// Loops over elements are not unrolled: a compiler then begins by dividing 64-bit numbers for the
// turns to come, which costs more than most threads have to do.

template <class Element>
__global__ void __launch_bounds__(kBlock)
    element_kernel(std::int64_t count, const __grid_constant__ Element element) {
  const std::int64_t step = std::int64_t{gridDim.x} * kBlock;
#pragma unroll 1
  for (std::int64_t i = std::int64_t{blockIdx.x} * kBlock + threadIdx.x; i < count; i += step) {
    element(i);
  }
}

// The part of the lane that is `distance` away, word by word.
template <class Part>
__device__ Part neighbour(const Part& part, int distance) {
  static_assert(sizeof(Part) % sizeof(unsigned) == 0);
  constexpr int kWords = sizeof(Part) / sizeof(unsigned);
  Part other;
  unsigned words[kWords];
  memcpy(words, &part, sizeof(Part));
  for (int w = 0; w < kWords; ++w) {
    words[w] = __shfl_xor_sync(0xFFFFFFFFU, words[w], distance);
  }
  memcpy(&other, words, sizeof(Part));
  return other;
}

// One warp a result. Every lane ends with the bits that fold_on_host has, since join does not mind
// which of two comes first.
template <class Fold>
__global__ void __launch_bounds__(kBlock)
    fold_kernel(std::int64_t count, const __grid_constant__ Fold fold) {
  constexpr int kWarps = kBlock / elements::kLanes;
  const int lane = static_cast<int>(threadIdx.x) % elements::kLanes;
  const std::int64_t step = std::int64_t{gridDim.x} * kWarps;
  std::int64_t i = std::int64_t{blockIdx.x} * kWarps + threadIdx.x / elements::kLanes;
#pragma unroll 1
  for (; i < count; i += step) {
    typename Fold::Part part = fold.part(i, lane);
    for (int distance = elements::kLanes / 2; distance > 0; distance /= 2) {
      part = Fold::join(part, neighbour(part, distance));
    }
    fold.finish(i, lane, part);
  }
}

// Failures stay with CUDA until somebody asks (cudaGetLastError).
struct Launches {
  cudaStream_t stream;

  template <class Element>
  void for_each(std::int64_t count, const Element& element) const {
    if (count == 0) return;
    element_kernel<<<blocks(count, kBlock), kBlock, 0, stream>>>(count, element);
  }
  template <class Fold>
  void fold_each(std::int64_t count, const Fold& fold) const {
    if (count == 0) return;
    fold_kernel<<<blocks(count, kBlock / elements::kLanes), kBlock, 0, stream>>>(count, fold);
  }

 private:
  static unsigned blocks(std::int64_t count, int each) {
    return static_cast<unsigned>(std::min((count + each - 1) / each, kMostBlocks));
  }
};

}  // namespace sluice::cudnn::cuda
