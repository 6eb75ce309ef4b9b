// What a library left undone behind a convolution or a product: biases, ReLU, another element.
#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <cstdint>

#include "runtime/backend/cudnn/operation.h"

namespace sluice::cudnn::cuda {

// out[i] = relu(sums[i] + biases[i % channels]), rounded once. Addresses on the device; `sums` and
// `out` may be the same.
struct Finish {
  std::int64_t values = 0;
  int channels = 1;
  FusedRelu relu = FusedRelu::no;
  const std::byte* sums = nullptr;
  Precision sums_element = Precision::f32;
  const float* biases = nullptr;  // none: 0
  std::byte* out = nullptr;
  Precision out_element = Precision::f32;
};

// Enqueues; may be captured. cudaGetLastError says whether that went well.
void launch_finish(const Finish& what, cudaStream_t stream);

}  // namespace sluice::cudnn::cuda
