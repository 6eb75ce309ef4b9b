// The slow twin of every backend: plain loops, obviously right (law 7).
#pragma once

#include <memory>

#include "runtime/backend/backend.h"

namespace sluice {

// Its programs work in the thread that calls `run` and have told `done` before `run` returns. They
// leave a state's layouts as they find them.
std::unique_ptr<Backend> make_reference_backend();

}  // namespace sluice
