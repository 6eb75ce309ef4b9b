// Who waited for whom, where the step runs on a device beside the CPU.
#pragma once

#include <optional>
#include <string>

#include "runtime/account.h"

namespace sluice::graph {

// Parts of the time the pipeline ran, 0 to 1.
struct DeviceWaits {
  std::string device;            // "the GPU", or "the device" where it is a stand-in for one
  double device_for_data = 0.0;  // it was idle, and no finished batch stood before the step
  double data_for_device = 0.0;  // a finished batch stood before the step
};

// Of one pipeline's account; none where the step runs on the CPU.
std::optional<DeviceWaits> device_waits(const AccountRecord& account);

// "the GPU waited for data 3 %, data waited for the GPU 95 %".
std::string text(const DeviceWaits& waits);

}  // namespace sluice::graph
