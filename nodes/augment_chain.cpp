#include "nodes/augment_chain.h"

#include <fmt/format.h>

#include <algorithm>

#include "nodes/centre_crop.h"
#include "nodes/chain_parameters.h"
#include "nodes/flip.h"
#include "nodes/mean.h"
#include "nodes/pca_colour.h"
#include "nodes/random_crop.h"
#include "nodes/rescale.h"
#include "nodes/scale.h"
#include "runtime/error.h"

namespace sluice::nodes {
namespace {

const std::vector<std::string> kMeans = {"image", "rgb", "authors", "vgg", "none"};
const std::vector<std::string> kColours = {"measured", "authors"};

// The node with its parameters checked, under the recipe's name for it.
template <graph::AugmentNode N>
std::unique_ptr<graph::AugmentStage> checked(N node, const io::ChainEntry& entry) {
  try {
    node.check();
  } catch (const Error& error) {
    fail(error.kind(), "augment.{}: {}", entry.name, error.what());
  }
  return graph::erase_augment(std::move(node), entry.name);
}

std::unique_ptr<graph::AugmentStage> make_rescale(const io::ChainEntry& entry) {
  const ChainParameters given(entry, Rescale::info);
  const std::string filter = given.word("filter", {"antialias", "bilinear"});
  Rescale node;
  node.side = given.integer("side", 256);
  node.filter = filter == "bilinear" ? augment::Filter::bilinear : augment::Filter::antialias;
  return checked(node, entry);
}

template <graph::AugmentNode Crop>
std::unique_ptr<graph::AugmentStage> make_crop(const io::ChainEntry& entry, int side) {
  Crop node;
  node.side = ChainParameters(entry, Crop::info).integer("side", side);
  return checked(node, entry);
}

std::unique_ptr<graph::AugmentStage> make_flip(const io::ChainEntry& entry) {
  Flip node;
  node.probability = ChainParameters(entry, Flip::info).real("probability", 0.5);
  return checked(node, entry);
}

std::unique_ptr<graph::AugmentStage> make_mean(const io::ChainEntry& entry,
                                               const Statistics& statistics) {
  const std::string from = ChainParameters(entry, kMeanInfo).word("from", kMeans);
  if (from == "image") {
    require(!statistics.mean_image.empty(),
            "augment.{}.from = \"image\" needs images of one size before it; put a centre-crop "
            "before it or take rgb",
            entry.name);
    MeanImage node;
    static_cast<augment::MeanImage&>(node) = augment::mean_image_of(statistics);
    return checked(std::move(node), entry);
  }
  MeanRgb node;
  if (from == "rgb") node.mean = statistics.mean_rgb;
  if (from == "authors") node.mean = augment::alexnet_authors_mean();
  if (from == "vgg") node.mean = augment::vgg_authors_mean();
  return checked(node, entry);
}

std::unique_ptr<graph::AugmentStage> make_colour(const io::ChainEntry& entry,
                                                 const Statistics& statistics) {
  const ChainParameters given(entry, PcaColour::info);
  PcaColour node;
  node.sigma = given.real("sigma", 0.1);
  if (given.word("constants", kColours) == "measured") {
    node.colours = augment::colours_from(statistics.covariance);
  }
  return checked(node, entry);
}

std::unique_ptr<graph::AugmentStage> make_scale(const io::ChainEntry& entry) {
  Scale node;
  node.divisor = ChainParameters(entry, Scale::info).real("divisor", 1.0);
  return checked(node, entry);
}

std::unique_ptr<graph::AugmentStage> make_node(const io::ChainEntry& entry,
                                               const Statistics& statistics) {
  if (entry.node == "rescale") return make_rescale(entry);
  if (entry.node == "centre-crop") return make_crop<CentreCrop>(entry, 256);
  if (entry.node == "random-crop") return make_crop<RandomCrop>(entry, 224);
  if (entry.node == "flip") return make_flip(entry);
  if (entry.node == "mean") return make_mean(entry, statistics);
  if (entry.node == "pca-colour") return make_colour(entry, statistics);
  if (entry.node == "scale") return make_scale(entry);
  std::string valid;
  for (const auto& info : augment_nodes())
    valid += fmt::format("{}{}", valid.empty() ? "" : ", ", info.name);
  fail(ErrorKind::usage, "the chain names an unknown node '{}'; valid: {}", entry.node, valid);
}

// A draw that changes nothing still costs a pass over the pixels; leave such nodes out.
bool does_nothing(const io::ChainEntry& entry) {
  if (!entry.use) return true;
  if (entry.node == "mean") return ChainParameters(entry, kMeanInfo).word("from", kMeans) == "none";
  if (entry.node == "pca-colour")
    return ChainParameters(entry, PcaColour::info).real("sigma", 0.1) == 0.0;
  if (entry.node == "scale") return ChainParameters(entry, Scale::info).real("divisor", 1.0) == 1.0;
  return false;
}

}  // namespace

std::vector<graph::NodeInfo> augment_nodes() {
  return {Rescale::info, CentreCrop::info, RandomCrop::info, Flip::info,
          kMeanInfo,     PcaColour::info,  Scale::info};
}

std::vector<io::ChainEntry> paper_chain() {
  using Parameters = std::vector<std::pair<std::string, io::RecipeValue>>;
  const auto entry = [](std::string node, Parameters parameters) {
    return io::ChainEntry{
        .node = node, .name = node, .use = true, .parameters = std::move(parameters)};
  };
  return {
      entry("rescale", {{"side", std::int64_t{256}}, {"filter", std::string("antialias")}}),
      entry("centre-crop", {{"side", std::int64_t{256}}}),
      entry("mean", {{"from", std::string("image")}}),
      entry("random-crop", {{"side", std::int64_t{224}}}),
      entry("flip", {{"probability", 0.5}}),
      entry("pca-colour", {{"sigma", 0.1}, {"constants", std::string("measured")}}),
      entry("scale", {{"divisor", 1.0}}),
  };
}

std::vector<io::ChainEntry> evaluation_chain(std::span<const io::ChainEntry> chain) {
  std::vector<io::ChainEntry> result;
  for (const io::ChainEntry& entry : chain) {
    if (!entry.use || entry.node == "flip" || entry.node == "pca-colour") continue;
    result.push_back(entry);
    if (entry.node == "random-crop") {
      result.back().node = "centre-crop";
      result.back().name = "test-crop";
    }
  }
  return result;
}

std::vector<io::ChainEntry> before_mean(std::span<const io::ChainEntry> chain) {
  const auto mean = std::find_if(chain.begin(), chain.end(), [](const auto& entry) {
    return entry.node == "mean" || entry.node == "pca-colour" || entry.node == "scale" ||
           entry.node == "random-crop" || entry.node == "flip";
  });
  return {chain.begin(), mean};
}

StatisticsNeed statistics_need(std::span<const io::ChainEntry> chain) {
  StatisticsNeed need;
  for (const io::ChainEntry& entry : chain) {
    if (does_nothing(entry)) continue;
    if (entry.node == "mean") {
      const std::string from = ChainParameters(entry, kMeanInfo).word("from", kMeans);
      need.mean_rgb |= from == "rgb";
      need.mean_image |= from == "image";
    }
    if (entry.node == "pca-colour") {
      need.covariance |=
          ChainParameters(entry, PcaColour::info).word("constants", kColours) == "measured";
    }
  }
  return need;
}

graph::Chain make_chain(std::span<const io::ChainEntry> chain, const Statistics& statistics) {
  graph::Chain stages;
  for (const io::ChainEntry& entry : chain) {
    auto stage = does_nothing(entry) ? nullptr : make_node(entry, statistics);
    if (stage != nullptr) stages.push_back(std::move(stage));
  }
  return stages;
}

void check_chain_ends_at(std::span<const io::ChainEntry> chain, int side) {
  int last = 0;
  for (const io::ChainEntry& entry : chain) {
    if (!entry.use) continue;
    if (entry.node == "centre-crop")
      last = ChainParameters(entry, CentreCrop::info).integer("side", 256);
    if (entry.node == "random-crop")
      last = ChainParameters(entry, RandomCrop::info).integer("side", 224);
    if (entry.node == "rescale") last = 0;
  }
  require(
      last == side,
      "the chain gives {} where the net takes {side} x {side} pixels; let its last crop have side "
      "= {side}",
      last == 0 ? std::string("images of different sizes") : fmt::format("{0} x {0} pixels", last),
      fmt::arg("side", side));
}

}  // namespace sluice::nodes
