#include "runtime/backend/reference/reference.h"

#include "runtime/backend/reference/program.h"

namespace sluice {
namespace {

class ReferenceBackend final : public Backend {
 public:
  std::string_view name() const override { return "reference"; }
  bool times_layers() const override { return true; }
  std::unique_ptr<Program> compile(const Net& net, NetState& state,
                                   const ProgramOptions& options) override {
    return std::make_unique<reference::ReferenceProgram>(net, state, options);
  }
};

}  // namespace

std::unique_ptr<Backend> make_reference_backend() { return std::make_unique<ReferenceBackend>(); }

}  // namespace sluice
