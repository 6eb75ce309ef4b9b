// The one door to CUDA: this header and device.h are all that the rest of the backend sees of it.
#pragma once

#include <memory>
#include <string>

#include "runtime/backend/cudnn/device.h"

namespace sluice::cudnn {

// `device`, or in a few words why there is none: "no NVIDIA driver found", "cuDNN 9 not found
// (libcudnn.so.9)", "this build has no CUDA", ...
struct OpenedDevice {
  std::shared_ptr<Device> device;
  std::string reason;
  bool possible = true;  // false: this build could not use one either
};

// The first GPU that the process may see. Takes memory on it. Never throws for want of one.
OpenedDevice open_device();

// The same without opening it: `device` is always null, and `reason` empty where there is one.
OpenedDevice look_for_device();

}  // namespace sluice::cudnn
