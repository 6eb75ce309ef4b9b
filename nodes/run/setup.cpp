#include "nodes/run/setup.h"

#include "nodes/run/learning.h"
#include "nodes/run/net_options.h"
#include "nodes/run/variant_defaults.h"
#include "runtime/error.h"

namespace sluice::nodes {

io::Recipe default_recipe(const std::string& net, const std::string& variant) {
  const auto defaults = variant_defaults(net, variant);
  io::Recipe recipe;
  recipe.set("net.name", net);
  recipe.set("net.variant", variant);
  recipe.augment = variant_chain(net, variant);
  for (const auto& [key, value] : defaults) recipe.set(key, value);
  return recipe;
}

Net make_net(const io::Recipe& recipe, int classes) {
  Net net = net_from(recipe, classes);
  apply_learning(recipe, net);
  return net;
}

DecodeJpeg make_decoder(const io::Recipe& recipe) {
  DecodeJpeg decoder;
  if (recipe.text("data.orientation") == "apply") {
    decoder.options.orientation = io::Orientation::apply;
  }
  return decoder;
}

graph::PipelineOptions pipeline_options(const io::Recipe& recipe, const Machine& machine,
                                        std::size_t memory_bytes) {
  graph::PipelineOptions options;
  options.batch = static_cast<int>(recipe.integer("train.batch"));
  options.slots = static_cast<int>(recipe.integer("run.slots"));
  options.memory_bytes = memory_bytes;
  options.ledger = machine.ledger.get();
  options.seed = static_cast<std::uint64_t>(recipe.integer("seed"));
  return options;
}

io::Split open_data(const io::Recipe& recipe) {
  const std::string& path = recipe.text("data.path");
  require(!path.empty(), "no data given; name a folder with --data DIR");
  return io::open_labelled(path, {.val_fraction = recipe.real("data.val_fraction")});
}

}  // namespace sluice::nodes
