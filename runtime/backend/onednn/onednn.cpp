#include "runtime/backend/onednn/onednn.h"

#include "runtime/backend/onednn/program.h"
#include "runtime/error.h"

namespace sluice {
namespace onednn {
namespace {

class OnednnBackend final : public Backend {
 public:
  std::string_view name() const override { return "onednn"; }
  bool times_layers() const override { return true; }
  std::unique_ptr<Program> compile(const Net& net, NetState& state,
                                   const ProgramOptions& options) override {
    return std::make_unique<OnednnProgram>(net, state, options);
  }
};

const OnednnProgram& ours(const Program& program) {
  const auto* found = dynamic_cast<const OnednnProgram*>(&program);
  require(found != nullptr, "the program is not of the oneDNN backend, valid is one it compiled");
  return *found;
}

}  // namespace

std::span<const LayerSeconds> layer_seconds(const Program& program) {
  return ours(program).seconds();
}

std::vector<Implementation> implementations(const Program& program) {
  return ours(program).implementations();
}

}  // namespace onednn

std::unique_ptr<Backend> make_onednn_backend() { return std::make_unique<onednn::OnednnBackend>(); }

}  // namespace sluice
