// The backends that a build may lack. CMake picks the file that defines these:
// optional_backends_onednn.cpp or optional_backends_none.cpp.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/backend/backend.h"

namespace sluice {

// Fastest first.
std::vector<std::string> optional_backends();

// Null for a name that is not among them.
std::unique_ptr<Backend> make_optional_backend(std::string_view name);

}  // namespace sluice
