// The machine's GPU for tests that need one.
#pragma once

#include <memory>

#include "runtime/backend/cudnn/device.h"

namespace sluice::cudnn::test {

// Opened once a binary. Null where there is none, after saying so through WARN ("skipped: ...",
// which counts the case as skipped): a test returns then.
std::shared_ptr<Device> device_or_skip();

}  // namespace sluice::cudnn::test
