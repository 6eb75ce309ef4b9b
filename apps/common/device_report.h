// What `describe` prints of a step on a device.
#pragma once

#include <string>

#include "runtime/backend/cudnn/cudnn.h"

namespace sluice::apps {

std::string device_text(const cudnn::DevicePlan& plan);
// One JSON object.
std::string device_json(const cudnn::DevicePlan& plan);

}  // namespace sluice::apps
