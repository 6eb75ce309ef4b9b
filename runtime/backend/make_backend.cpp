#include "runtime/backend/make_backend.h"

#include <fmt/ranges.h>

#include <utility>

#include "runtime/backend/cudnn/cudnn.h"
#include "runtime/backend/optional_backends.h"
#include "runtime/backend/reference/reference.h"
#include "runtime/error.h"

namespace sluice {

namespace {

cudnn::RecordOptions record_options(const BackendOptions& options) {
  return {.math = options.f32_math, .tuning_file = options.tuning_file};
}

// A device is opened once: to open one takes memory on it.
std::unique_ptr<Backend> fastest_backend(const BackendOptions& options) {
  cudnn::OpenedDevice opened = cudnn::open_device();
  if (opened.device != nullptr)
    return make_cudnn_backend(std::move(opened), record_options(options));
  std::vector<std::string> on_cpu = optional_backends();
  on_cpu.push_back("reference");
  return make_backend(on_cpu.front());
}

}  // namespace

std::vector<std::string> available_backends() {
  std::vector<std::string> names = optional_backends();
  if (cudnn::look_for_device().reason.empty()) names.insert(names.begin(), "cudnn");
  names.push_back("reference");
  return names;
}

std::unique_ptr<Backend> make_backend(std::string_view name, const BackendOptions& options) {
  if (name == "auto") return fastest_backend(options);
  if (name == "cudnn") return make_cudnn_backend(cudnn::open_device(), record_options(options));
  if (name == "reference") return make_reference_backend();
  std::unique_ptr<Backend> optional = make_optional_backend(name);
  if (optional == nullptr) {
    fail(ErrorKind::usage, "no backend named {} in this build, valid are auto, {}", name,
         fmt::join(available_backends(), ", "));
  }
  return optional;
}

std::string device_passed_by() {
  const cudnn::OpenedDevice opened = cudnn::open_device();
  return opened.possible ? opened.reason : std::string();
}

void require_usable(const Backend& backend) {
  const std::string reason = backend.unusable();
  if (reason.empty()) return;
  fail(ErrorKind::usage, "backend {} cannot be used here: {}; valid here are auto, {}",
       backend.name(), reason, fmt::join(available_backends(), ", "));
}

}  // namespace sluice
