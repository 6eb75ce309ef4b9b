// The backends that contract tests go through: those that can be used here, and cuDNN's on a device
// that computes in plain loops.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/backend/backend.h"

namespace sluice::test {

// Fastest first, the reference last.
std::vector<std::string> tested_backends();

// Takes these names and those of `make_backend`.
std::unique_ptr<Backend> tested_backend(std::string_view name);

}  // namespace sluice::test
