#include "tests/device/opened_device.h"

#include "runtime/backend/cudnn/cuda/open_device.h"
#include "tests/support/catch.h"

namespace sluice::cudnn::test {

std::shared_ptr<Device> device_or_skip() {
  static const OpenedDevice opened = open_device();
  if (opened.device == nullptr) WARN("skipped: no device: " << opened.reason);
  return opened.device;
}

}  // namespace sluice::cudnn::test
