#include "runtime/backend/cudnn/cuda/cuda_device.h"

#include <fmt/core.h>

#include <utility>

#include "runtime/backend/cudnn/cuda/cuda_queue.h"

namespace sluice::cudnn::cuda {
namespace {

cudaDeviceProp properties() {
  cudaDeviceProp properties{};
  take_device();
  check(cudaGetDeviceProperties(&properties, 0), "asking for the device's properties");
  return properties;
}

cudaEvent_t event_of(const MarkPointer& mark) {
  return dynamic_cast<const CudaMark&>(*mark).event();
}

constexpr double kMebibyte = 1024.0 * 1024.0;

}  // namespace

CudaDevice::CudaDevice(const Libraries& libraries)
    : properties_(properties()),
      makers_{.convolutions =
                  make_convolutions({.architecture = properties_.major * 10 + properties_.minor}),
              .products = make_products(libraries.blas),
              .device_key = fmt::format("{}, cuDNN {}, cuBLASLt {}", properties_.name,
                                        libraries.cudnn_version, libraries.cublas_version)} {}

std::size_t CudaDevice::free_bytes() const {
  return health_->guard([] {
    std::size_t free = 0;
    std::size_t total = 0;
    check(cudaMemGetInfo(&free, &total), "asking for free memory");
    return free;
  });
}

// Too little memory is a failure of the call, not of the device.
DeviceBlock CudaDevice::allocate(std::size_t bytes) {
  const std::size_t left = free_bytes();
  void* data = nullptr;
  const cudaError_t status = health_->guard([&] {
    const cudaError_t asked = cudaMalloc(&data, bytes);
    if (asked != cudaErrorMemoryAllocation) check(asked, "allocating memory of the device");
    return asked;
  });
  if (status != cudaSuccess) {
    (void)cudaGetLastError();
    fail(ErrorKind::run, "{}: asked for {:.1f} MiB of its memory, {:.1f} of {:.1f} MiB are free",
         name(), static_cast<double>(bytes) / kMebibyte, static_cast<double>(left) / kMebibyte,
         static_cast<double>(memory_bytes()) / kMebibyte);
  }
  return {static_cast<std::byte*>(data), bytes, [](std::byte* block) { (void)cudaFree(block); }};
}

DeviceBlock CudaDevice::allocate_pinned(std::size_t bytes) {
  void* data = nullptr;
  const cudaError_t status = health_->guard([&] {
    const cudaError_t asked = cudaHostAlloc(&data, bytes, cudaHostAllocDefault);
    if (asked != cudaErrorMemoryAllocation) check(asked, "allocating pinned memory");
    return asked;
  });
  if (status != cudaSuccess) {
    (void)cudaGetLastError();
    fail(ErrorKind::run, "{:.1f} MiB of this machine's memory cannot be pinned for the device",
         static_cast<double>(bytes) / kMebibyte);
  }
  return {static_cast<std::byte*>(data), bytes,
          [](std::byte* block) { (void)cudaFreeHost(block); }};
}

std::unique_ptr<Queue> CudaDevice::make_queue(std::string name) {
  return std::make_unique<CudaQueue>(std::move(name), health_, events_);
}

// A list that cannot be made ready (too little memory, no plan) leaves the device as it was, unless
// a trial of it ended the device: CUDA tells that to every call then.
std::unique_ptr<Recording> CudaDevice::record(std::span<const Operation> operations,
                                              const Memory& memory, const RecordOptions& options) {
  if (const std::exception_ptr lost = health_->cause()) std::rethrow_exception(lost);
  try {
    return std::make_unique<CudaRecording>(operations, memory, options, makers_, *this);
  } catch (const Error&) {
    if (cudaFree(nullptr) != cudaSuccess) health_->lose(std::current_exception());
    throw;
  }
}

std::vector<Choice> CudaDevice::choices(const Recording& recording) const {
  return dynamic_cast<const CudaRecording&>(recording).choices();
}

double CudaDevice::seconds_between(const MarkPointer& first, const MarkPointer& second) const {
  return health_->guard([&] {
    float milliseconds = 0.0F;
    check(cudaEventElapsedTime(&milliseconds, event_of(first), event_of(second)),
          "asking for the time between two marks");
    return static_cast<double>(milliseconds) / 1000.0;
  });
}

void CudaDevice::wait_for(const MarkPointer& mark) {
  health_->guard([&] { check(cudaEventSynchronize(event_of(mark)), "waiting for a mark"); });
}

}  // namespace sluice::cudnn::cuda
