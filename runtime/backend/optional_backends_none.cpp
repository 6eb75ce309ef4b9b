#include "runtime/backend/cpu_features.h"
#include "runtime/backend/optional_backends.h"
#include "runtime/backend/primitives.h"

namespace sluice {

std::vector<std::string> optional_backends() { return {}; }

std::unique_ptr<Backend> make_optional_backend(std::string_view) { return nullptr; }

bool has_native_bf16() { return false; }

std::vector<UsedPrimitive> used_primitives(const Backend&, const Program&) { return {}; }

}  // namespace sluice
