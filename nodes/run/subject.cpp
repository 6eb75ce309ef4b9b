#include "nodes/run/subject.h"

#include "nodes/run/setup.h"
#include "runtime/error.h"

namespace sluice::nodes {
namespace {

io::Recipe trained_recipe(const io::WeightsInfo& info, const std::string& file) {
  io::Recipe recipe;
  recipe.load_text(info.recipe, file);
  return recipe;
}

// The net as it was trained; parameters that are about to be read start at zero.
Net trained_net(const io::Recipe& recipe) {
  Net net = make_net(recipe, static_cast<int>(recipe.integer("net.classes")));
  for (Layer& layer : net.layers) {
    layer.start = {.weights = Start::Weights::normal, .deviation = 0.0, .bias = 0.0};
  }
  return net;
}

}  // namespace

Subject::Subject(const std::filesystem::path& weights)
    : file(weights),
      info(io::read_weights_info(weights)),
      trained(trained_recipe(info, weights.string())),
      net(trained_net(trained)),
      state(net, 0) {
  require(static_cast<int>(info.classes.size()) <= class_count(net),
          "{}: {} class names for a net of {} scores; valid: a name for each score at most",
          weights.string(), info.classes.size(), class_count(net));
}

std::vector<io::ChainEntry> Subject::chain() const {
  return io::chain_from_toml(info.input_chain, file.string());
}

void read_parameters(Subject& subject, const Machine& machine) {
  machine.arena->run([&] { io::read_weights(subject.file, subject.net, subject.state); });
}

}  // namespace sluice::nodes
