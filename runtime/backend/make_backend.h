// Backends by name: one explicit function, no registry.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/backend/backend.h"

namespace sluice {

// "reference", "onednn" (where built). `auto`: the fastest one that this build and machine have.
// Throws Error{usage} naming the valid ones.
std::unique_ptr<Backend> make_backend(std::string_view name);

// Names make_backend takes in this build, without "auto".
std::vector<std::string> available_backends();

// A backend that computes nothing: each step sleeps `step` in all on a thread of its own, as a
// device would (runtime/backend/waiting).
std::unique_ptr<Backend> make_waiting_backend(std::chrono::duration<double, std::milli> step);

}  // namespace sluice
