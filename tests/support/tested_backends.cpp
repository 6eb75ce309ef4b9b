#include "tests/support/tested_backends.h"

#include "runtime/backend/cudnn/cudnn.h"
#include "runtime/backend/make_backend.h"
#include "tests/support/fake_device.h"

namespace sluice::test {
namespace {

constexpr std::string_view kOnFakeDevice = "cudnn on a fake device";

}  // namespace

std::vector<std::string> tested_backends() {
  std::vector<std::string> names = available_backends();
  names.insert(names.begin(), std::string(kOnFakeDevice));
  return names;
}

std::unique_ptr<Backend> tested_backend(std::string_view name) {
  if (name != kOnFakeDevice) return make_backend(name);
  return make_cudnn_backend({.device = make_fake_device(), .reason = {}});
}

}  // namespace sluice::test
