#include "runtime/backend/onednn/onednn.h"
#include "runtime/backend/optional_backends.h"
#include "runtime/backend/primitives.h"

namespace sluice {

std::vector<std::string> optional_backends() { return {"onednn"}; }

std::unique_ptr<Backend> make_optional_backend(std::string_view name) {
  return name == "onednn" ? make_onednn_backend() : nullptr;
}

std::vector<UsedPrimitive> used_primitives(const Backend& backend, const Program& program) {
  std::vector<UsedPrimitive> used;
  if (backend.name() != "onednn") return used;
  for (const onednn::Implementation& i : onednn::implementations(program))
    used.push_back({.layer = i.layer, .use = i.use, .implementation = i.name});
  return used;
}

}  // namespace sluice
