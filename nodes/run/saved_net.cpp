#include "nodes/run/saved_net.h"

#include "io/text.h"
#include "nodes/run/setup.h"
#include "runtime/error.h"

namespace sluice::nodes {
namespace {

io::Recipe recipe_of(const io::WeightsInfo& info, const std::string& wanted,
                     const std::string& file) {
  require(info.net == wanted, "{}: weights of the net '{}'; this program takes '{}'", file,
          io::one_line(info.net), wanted);
  io::Recipe recipe;
  recipe.load_text(info.recipe, file);
  return recipe;
}

}  // namespace

SavedNet::SavedNet(const std::filesystem::path& file, const std::string& net)
    : file_(file),
      info_(io::weights_info_from(file_)),
      trained_(recipe_of(info_, net, file_.name())),
      net_(make_net(trained_, static_cast<int>(trained_.integer("net.classes")))),
      parameters_(sluice::parameters(net_)),
      entries_(io::parameter_entries(file_, net_)) {
  file_.verify();
}

std::vector<float> SavedNet::read(std::size_t index) const {
  std::vector<float> values(static_cast<std::size_t>(parameters_[index].shape.elements()));
  file_.read(*entries_[index], values);
  return values;
}

}  // namespace sluice::nodes
