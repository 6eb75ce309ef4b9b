#include "runtime/backend/cudnn/cudnn.h"

#include <utility>

#include "runtime/backend/cudnn/program.h"
#include "runtime/error.h"

namespace sluice {
namespace cudnn {
namespace {

constexpr double kMegabyte = 1 << 20;

class CudnnBackend final : public Backend {
 public:
  CudnnBackend(OpenedDevice opened, RecordOptions record)
      : access_{.device = std::move(opened.device),
                .reason = std::move(opened.reason),
                .record = std::move(record)} {
    if (access_.device != nullptr) access_.pinned = std::make_shared<PinnedRows>(access_.device);
  }

  std::string_view name() const override { return "cudnn"; }
  std::string unusable() const override {
    return access_.device == nullptr ? access_.reason : std::string();
  }
  std::unique_ptr<Program> compile(const Net& net, NetState& state,
                                   const ProgramOptions& options) override {
    auto program = std::make_unique<CudnnProgram>(net, state, options, access_);
    if (access_.device != nullptr) check_memory(net, program->device_plan());
    return program;
  }

 private:
  void check_memory(const Net& net, const DevicePlan& plan) const {
    const std::size_t there = access_.device->memory_bytes();
    require(plan.own_bytes() <= there,
            "net {}: a step needs {:.0f} MiB of the device's memory, {} has {:.0f} MiB; valid: "
            "fewer images a step",
            net.name, static_cast<double>(plan.own_bytes()) / kMegabyte, access_.device->name(),
            static_cast<double>(there) / kMegabyte);
  }

  DeviceAccess access_;
};

}  // namespace
}  // namespace cudnn

std::unique_ptr<Backend> make_cudnn_backend(cudnn::OpenedDevice opened,
                                            cudnn::RecordOptions record) {
  return std::make_unique<cudnn::CudnnBackend>(std::move(opened), std::move(record));
}

}  // namespace sluice
