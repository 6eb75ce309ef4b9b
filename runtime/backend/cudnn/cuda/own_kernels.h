// Our own kernels: the elements of elements/ on a GPU.
#pragma once

#include <cuda_runtime_api.h>

#include "runtime/backend/cudnn/array.h"
#include "runtime/backend/cudnn/operation.h"

namespace sluice::cudnn::cuda {

// Enqueues an own operation (no convolution, no product) on `stream` of the current device; waits
// for nothing, and may be captured. Throws Error{run} that names the operation where a launch
// fails, Error{usage} for an operation that is not ours.
void launch_own(const Operation& operation, const Memory& memory, cudaStream_t stream);

}  // namespace sluice::cudnn::cuda
