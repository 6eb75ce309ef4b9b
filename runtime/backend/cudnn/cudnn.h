// The cuDNN backend: training and evaluation on a GPU. Plans and describes anywhere.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/backend/backend.h"
#include "runtime/backend/cudnn/cuda/open_device.h"
#include "runtime/backend/cudnn/device.h"

namespace sluice {
namespace cudnn {

// A program's own part of a device's memory, and what it does there; known without a device.
struct DevicePlan {
  struct Step {
    std::string layer;
    std::string operation;
    std::string implementation;  // the library's own word; empty until it has run on a device
  };
  struct List {
    std::string phase;
    int launches = 0;
    std::vector<Step> steps;
  };
  struct Layout {
    std::string parameter;
    std::string order;  // "out, y, x, in"
  };

  std::vector<List> lists;
  std::vector<Layout> layouts;       // of weights that do not stand in canonical order
  std::size_t parameter_bytes = 0;   // values, gradients, velocities, rounded copies, tables
  std::size_t activation_bytes = 0;  // with gradients and workspaces of our own
  std::size_t unshared_bytes = 0;    // what those would take without sharing memory by lifetime
  std::size_t input_bytes = 0;       // rows of both upload slots, as floats
  std::size_t step_bytes = 0;        // labels, weights and factors of a step
  std::optional<std::size_t> library_bytes{};  // the vendor's workspaces, once known

  std::size_t own_bytes() const {
    return parameter_bytes + activation_bytes + input_bytes + step_bytes;
  }
};

// Of a program that this backend compiled, else none.
std::optional<DevicePlan> device_plan(const Program& program);

}  // namespace cudnn

// Without a device its programs compile, and a run of them fails with the reason. `record`: how
// their phases are made ready.
std::unique_ptr<Backend> make_cudnn_backend(cudnn::OpenedDevice opened,
                                            cudnn::RecordOptions record = {});

}  // namespace sluice
