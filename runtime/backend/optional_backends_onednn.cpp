#include "runtime/backend/onednn/onednn.h"
#include "runtime/backend/optional_backends.h"

namespace sluice {

std::vector<std::string> optional_backends() { return {"onednn"}; }

std::unique_ptr<Backend> make_optional_backend(std::string_view name) {
  return name == "onednn" ? make_onednn_backend() : nullptr;
}

}  // namespace sluice
