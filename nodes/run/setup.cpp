#include "nodes/run/setup.h"

#include <charconv>
#include <string_view>

#include "nodes/augment_chain.h"
#include "nodes/nets/alexnet.h"
#include "runtime/error.h"

namespace sluice::nodes {
namespace {

std::vector<int> parse_epochs(std::string_view text) {
  std::vector<int> epochs;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(','));
    int epoch = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), epoch);
    require(
        error == std::errc{} && end == word.data() + word.size() && epoch > 0 &&
            (epochs.empty() || epoch > epochs.back()),
        "train.schedule_epochs: '{}' is not a later epoch; valid: rising numbers as in 30,60,80",
        word);
    epochs.push_back(epoch);
    text.remove_prefix(word.size() == text.size() ? text.size() : word.size() + 1);
  }
  return epochs;
}

void set_start(Net& net, Start::Weights weights) {
  for (Layer& layer : net.layers) {
    layer.start.weights = weights;
    layer.start.bias = 0.0;
  }
}

}  // namespace

io::Recipe default_recipe(const std::string& net, const std::string& variant) {
  io::Recipe recipe;
  recipe.set("net.name", net);
  recipe.set("net.variant", variant);
  recipe.augment = paper_chain();
  return recipe;
}

Net make_net(const io::Recipe& recipe, int classes) {
  Net net = alexnet({.variant = recipe.text("net.variant"),
                     .classes = classes,
                     .width = recipe.real("net.width"),
                     .drop = recipe.real("net.dropout"),
                     .scaling = recipe.text("net.dropout_scaling") == "inverted"
                                    ? Dropout::Scaling::inverted
                                    : Dropout::Scaling::vanilla});
  const std::string& init = recipe.text("train.init");
  if (init == "glorot") set_start(net, Start::Weights::glorot_uniform);
  if (init == "he") set_start(net, Start::Weights::he_normal);
  return net;
}

RateSpec rate_spec(const io::Recipe& recipe) {
  const std::string& schedule = recipe.text("train.schedule");
  const double factor = recipe.real("train.factor");
  if (schedule == "constant") return ConstantRate{};
  if (schedule == "plateau") {
    return PlateauRate{.improvement = recipe.real("train.improvement"),
                       .patience = static_cast<int>(recipe.integer("train.patience")),
                       .factor = factor,
                       .divisions = static_cast<int>(recipe.integer("train.divisions"))};
  }
  auto epochs = parse_epochs(recipe.text("train.schedule_epochs"));
  require(!epochs.empty(),
          "train.schedule = \"steps\" needs train.schedule_epochs, as in 30,60,80");
  return StepRate{.epochs = std::move(epochs), .factor = factor};
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
