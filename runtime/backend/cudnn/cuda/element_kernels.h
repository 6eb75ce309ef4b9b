// What .cu files export to the rest of cuda/: no headers of ours with fmt in them pass through a
// device's compiler.
#pragma once

#include <cuda_runtime_api.h>

#include "runtime/backend/cudnn/array.h"
#include "runtime/backend/cudnn/operation.h"

namespace sluice::cudnn::cuda {

// Whether the operation is one of ours; if so its kernels were enqueued, and cudaGetLastError says
// whether that went well.
bool launch_elements(const Operation& operation, const Memory& memory, cudaStream_t stream);

}  // namespace sluice::cudnn::cuda
