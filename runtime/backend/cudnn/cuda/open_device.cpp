#include "runtime/backend/cudnn/cuda/open_device.h"

#include "runtime/backend/cudnn/cuda/cuda_device.h"
#include "runtime/backend/cudnn/cuda/libraries.h"
#include "runtime/error.h"

namespace sluice::cudnn {
namespace {

// Oldest first: what the kernels were compiled for (cuda/toolkit.cmake).
constexpr int kLeastMajor = 7;
constexpr int kLeastMinor = 5;

// Empty if there is a GPU that our kernels run on.
std::string why_no_gpu() {
  int count = 0;
  const cudaError_t status = cudaGetDeviceCount(&count);
  (void)cudaGetLastError();
  if (status == cudaErrorInsufficientDriver) {
    int driver = 0;
    (void)cudaDriverGetVersion(&driver);
    if (driver == 0) return "no NVIDIA driver found";
    return fmt::format("the NVIDIA driver is of CUDA {}.{}, this build needs {}.{}", driver / 1000,
                       driver / 10 % 100, CUDART_VERSION / 1000, CUDART_VERSION / 10 % 100);
  }
  if (status == cudaErrorNoDevice || count == 0) return "no NVIDIA GPU found";
  if (status != cudaSuccess) return cudaGetErrorString(status);
  int major = 0;
  int minor = 0;
  (void)cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, 0);
  (void)cudaDeviceGetAttribute(&minor, cudaDevAttrComputeCapabilityMinor, 0);
  if (major > kLeastMajor || (major == kLeastMajor && minor >= kLeastMinor)) return {};
  return fmt::format("the GPU has compute capability {}.{}, this build needs {}.{}", major, minor,
                     kLeastMajor, kLeastMinor);
}

}  // namespace

OpenedDevice look_for_device() {
  if (std::string reason = why_no_gpu(); !reason.empty()) return {nullptr, std::move(reason)};
  return {nullptr, cuda::open_libraries().reason};
}

OpenedDevice open_device() {
  if (std::string reason = why_no_gpu(); !reason.empty()) return {nullptr, std::move(reason)};
  cuda::OpenedLibraries opened = cuda::open_libraries();
  if (!opened.libraries) return {nullptr, std::move(opened.reason)};
  try {
    return {std::make_shared<cuda::CudaDevice>(*opened.libraries), {}};
  } catch (const Error& error) {
    return {nullptr, error.what()};
  }
}

}  // namespace sluice::cudnn
