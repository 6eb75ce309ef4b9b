#include "runtime/backend/cudnn/cuda/own_kernels.h"

#include "runtime/backend/cudnn/cuda/element_kernels.h"
#include "runtime/error.h"

namespace sluice::cudnn::cuda {

void launch_own(const Operation& operation, const Memory& memory, cudaStream_t stream) {
  require(launch_elements(operation, memory, stream), "layer {}: {} is no operation of ours",
          operation.layer, operation_name(operation.what));
  const cudaError_t error = cudaGetLastError();
  if (error == cudaSuccess) return;
  fail(ErrorKind::run, "layer {}: {} could not be launched: {}", operation.layer,
       operation_name(operation.what), cudaGetErrorString(error));
}

}  // namespace sluice::cudnn::cuda
