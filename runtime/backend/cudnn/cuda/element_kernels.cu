#include "runtime/backend/cudnn/cuda/element_kernels.h"
#include "runtime/backend/cudnn/cuda/launch.h"
#include "runtime/backend/cudnn/elements/run_own.h"

namespace sluice::cudnn::cuda {

bool launch_elements(const Operation& operation, const Memory& memory, cudaStream_t stream) {
  const Launches launches{stream};
  return elements::run_own(operation, memory, launches);
}

}  // namespace sluice::cudnn::cuda
