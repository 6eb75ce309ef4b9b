#include "runtime/backend/make_backend.h"

#include <fmt/ranges.h>

#include "runtime/backend/optional_backends.h"
#include "runtime/backend/reference/reference.h"
#include "runtime/error.h"

namespace sluice {

std::vector<std::string> available_backends() {
  std::vector<std::string> names = optional_backends();
  names.push_back("reference");
  return names;
}

std::unique_ptr<Backend> make_backend(std::string_view name) {
  const std::vector<std::string> names = available_backends();
  if (name == "auto") return make_backend(names.front());
  if (name == "reference") return make_reference_backend();
  std::unique_ptr<Backend> optional = make_optional_backend(name);
  require(optional != nullptr, "no backend named {} in this build, valid are auto, {}", name,
          fmt::join(names, ", "));
  return optional;
}

}  // namespace sluice
