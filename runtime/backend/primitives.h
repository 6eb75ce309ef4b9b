// Which implementations a vendor's library chose for a program.
#pragma once

#include <string>
#include <vector>

#include "runtime/backend/backend.h"

namespace sluice {

struct UsedPrimitive {
  std::string layer;
  std::string use;             // "forward", "backward data", "backward weights"
  std::string implementation;  // the library's own word: "brgconv:avx512_core"
};

// Of a program that `backend` itself compiled; empty for backends that use no such library.
std::vector<UsedPrimitive> used_primitives(const Backend& backend, const Program& program);

}  // namespace sluice
