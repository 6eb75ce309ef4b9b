#include "runtime/backend/make_backend.h"

#include <fmt/ranges.h>

#include "runtime/backend/cudnn/cudnn.h"
#include "runtime/backend/optional_backends.h"
#include "runtime/backend/reference/reference.h"
#include "runtime/error.h"

namespace sluice {

std::vector<std::string> available_backends() {
  std::vector<std::string> names = optional_backends();
  if (cudnn::open_device().device != nullptr) names.insert(names.begin(), "cudnn");
  names.push_back("reference");
  return names;
}

std::unique_ptr<Backend> make_backend(std::string_view name) {
  if (name == "auto") return make_backend(available_backends().front());
  if (name == "cudnn") return make_cudnn_backend(cudnn::open_device());
  if (name == "reference") return make_reference_backend();
  std::unique_ptr<Backend> optional = make_optional_backend(name);
  require(optional != nullptr, "no backend named {} in this build, valid are auto, {}", name,
          fmt::join(available_backends(), ", "));
  return optional;
}

std::string device_passed_by() {
  const cudnn::OpenedDevice opened = cudnn::open_device();
  return opened.possible ? opened.reason : std::string();
}

void require_usable(const Backend& backend) {
  const std::string reason = backend.unusable();
  require(reason.empty(), "backend {} cannot be used here: {}; valid here are auto, {}",
          backend.name(), reason, fmt::join(available_backends(), ", "));
}

}  // namespace sluice
