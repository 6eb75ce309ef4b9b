// Backends by name: one explicit function, no registry.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/backend/backend.h"

namespace sluice {

// Of backends on a device; those on the CPU have no use for them.
struct BackendOptions {
  F32Math f32_math = F32Math::exact;
  // Where measured choices of implementations are kept; empty: nowhere.
  std::string tuning_file{};
};

// "reference", "onednn" (where built), "cudnn" (everywhere: Backend::unusable says where it only
// plans). `auto`: the fastest one that this build and machine have. Throws Error{usage} naming the
// valid ones.
std::unique_ptr<Backend> make_backend(std::string_view name, const BackendOptions& options = {});

// Those that can be used here, fastest first, without "auto".
std::vector<std::string> available_backends();

// Why `auto` passes by a device that this build could use ("no NVIDIA driver found"); empty where
// it takes one, and in builds that could use none.
std::string device_passed_by();

// Throws Error{usage} for a backend that cannot be used here, naming those that can.
void require_usable(const Backend& backend);

// A backend that computes nothing: each step sleeps `step` in all on a thread of its own, as a
// device would (runtime/backend/waiting).
std::unique_ptr<Backend> make_waiting_backend(std::chrono::duration<double, std::milli> step);

}  // namespace sluice
