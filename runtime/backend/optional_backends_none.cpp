#include "runtime/backend/optional_backends.h"

namespace sluice {

std::vector<std::string> optional_backends() { return {}; }

std::unique_ptr<Backend> make_optional_backend(std::string_view) { return nullptr; }

}  // namespace sluice
