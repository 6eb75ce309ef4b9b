#include "nodes/augment_chain.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "nodes/centre_crop.h"
#include "nodes/chain_parameters.h"
#include "nodes/flip.h"
#include "nodes/mean.h"
#include "nodes/pad.h"
#include "nodes/pca_colour.h"
#include "nodes/random_crop.h"
#include "nodes/rescale.h"
#include "nodes/scale.h"
#include "runtime/error.h"

namespace sluice::nodes {
namespace {

const std::vector<std::string> kMeans = {"image", "rgb", "authors", "vgg", "constant", "none"};
const std::vector<std::string> kColours = {"measured", "authors"};

const std::vector<std::string> kWhen = {"always", "training"};
const std::vector<std::string> kDivisions = {"divisor", "deviation"};

int group_size(const ChainParameters& given) {
  const int group = given.integer("group", 1);
  require(group >= 1, "a group of {} images cannot share a draw; valid: 1 or more", group);
  return group;
}

int pad_pixels(const io::ChainEntry& entry) {
  return ChainParameters(entry, Pad::info).integer("pixels", 2);
}

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
  node.side_to = given.integer("to", 0);
  node.filter = filter == "bilinear" ? augment::Filter::bilinear : augment::Filter::antialias;
  return checked(node, entry);
}

template <graph::AugmentNode Crop>
std::unique_ptr<graph::AugmentStage> make_crop(const io::ChainEntry& entry, int side) {
  const ChainParameters given(entry, Crop::info);
  Crop node;
  node.side = given.integer("side", side);
  if constexpr (requires { node.group; }) node.group = group_size(given);
  return checked(node, entry);
}

std::unique_ptr<graph::AugmentStage> make_flip(const io::ChainEntry& entry) {
  const ChainParameters given(entry, Flip::info);
  Flip node;
  node.probability = given.real("probability", 0.5);
  node.group = group_size(given);
  return checked(node, entry);
}

std::unique_ptr<graph::AugmentStage> make_mean(const io::ChainEntry& entry,
                                               const Statistics& statistics) {
  const ChainParameters given(entry, kMeanInfo);
  const std::string from = given.word("from", kMeans);
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
  if (from == "constant") node.mean.fill(given.real("value", 0.0));
  return checked(node, entry);
}

std::unique_ptr<graph::AugmentStage> make_colour(const io::ChainEntry& entry,
                                                 const Statistics& statistics) {
  const ChainParameters given(entry, PcaColour::info);
  PcaColour node;
  node.sigma = given.real("sigma", 0.1);
  node.until = given.integer("until", 0);
  if (given.word("constants", kColours) == "measured") {
    node.colours = augment::colours_from(statistics.covariance);
  }
  return checked(node, entry);
}

bool divides_by_deviation(const io::ChainEntry& scale) {
  return ChainParameters(scale, Scale::info).word("by", kDivisions) == "deviation";
}

std::unique_ptr<graph::AugmentStage> make_scale(const io::ChainEntry& entry,
                                                const Statistics& statistics) {
  const ChainParameters given(entry, Scale::info);
  Scale node;
  node.divisor = given.real("divisor", 1.0);
  if (divides_by_deviation(entry)) {
    for (std::size_t channel = 0; channel < 3; ++channel)
      node.deviations[channel] = std::sqrt(statistics.covariance[channel][channel]);
  }
  (void)given.word("when", kWhen);
  return checked(node, entry);
}

std::unique_ptr<graph::AugmentStage> make_pad(const io::ChainEntry& entry) {
  Pad node;
  node.pixels = pad_pixels(entry);
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
  if (entry.node == "scale") return make_scale(entry, statistics);
  if (entry.node == "pad") return make_pad(entry);
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
  if (entry.node == "scale") {
    return ChainParameters(entry, Scale::info).real("divisor", 1.0) == 1.0 &&
           !divides_by_deviation(entry);
  }
  if (entry.node == "pad") return pad_pixels(entry) == 0;
  return false;
}

// Jittered scales are tested at their middle (VGG paper, section 4.1: 384 after [256, 512]).
void fix_scale(io::ChainEntry& rescale) {
  const ChainParameters given(rescale, Rescale::info);
  const int to = given.integer("to", 0);
  if (to == 0) return;
  const std::int64_t middle = (given.integer("side", 256) + to) / 2;
  for (auto& [name, value] : rescale.parameters)
    if (name == "side") value = middle;
  std::erase_if(rescale.parameters, [](const auto& p) { return p.first == "to"; });
}

std::optional<Extent> extent_behind_node(const io::ChainEntry& entry,
                                         std::optional<Extent> before) {
  const auto square = [&](const graph::NodeInfo& info, int otherwise) {
    const int side = ChainParameters(entry, info).integer("side", otherwise);
    return Extent{side, side};
  };
  if (!entry.use) return before;
  if (entry.node == "centre-crop") return square(CentreCrop::info, 256);
  if (entry.node == "random-crop") return square(RandomCrop::info, 224);
  if (!before) return before;
  if (entry.node == "rescale") {
    if (before->width != before->height ||
        ChainParameters(entry, Rescale::info).integer("to", 0) > 0)
      return std::nullopt;
    return square(Rescale::info, 256);
  }
  if (entry.node == "pad") return Pad{{.pixels = pad_pixels(entry)}}.extent_after({}, *before);
  return before;
}

// A crop cannot be larger than what a rescale before it leaves of the shorter side.
void check_crops_fit(std::span<const io::ChainEntry> chain) {
  std::optional<int> shorter;
  for (const io::ChainEntry& entry : chain) {
    if (!entry.use) continue;
    if (entry.node == "rescale")
      shorter = ChainParameters(entry, Rescale::info).integer("side", 256);
    if (entry.node == "pad" && shorter) *shorter += 2 * pad_pixels(entry);
    if (entry.node != "centre-crop" && entry.node != "random-crop") continue;
    const int side = extent_behind_node(entry, std::nullopt)->width;
    require(!shorter || side <= *shorter,
            "augment.{}.side = {} is larger than the shorter side after rescale, {}; valid: {} or "
            "less",
            entry.name, side, *shorter, *shorter);
    shorter = side;
  }
}

// What has to change for a chain to end at `side`. (A chain without crops leaves the size to the
// images, which are digits of one size.)
std::string how_to_end_at(int side, std::span<const io::ChainEntry> chain) {
  for (auto entry = chain.rbegin(); entry != chain.rend(); ++entry) {
    if (!entry->use) continue;
    if (entry->node == "centre-crop" || entry->node == "random-crop")
      return fmt::format("its last crop have side = {}", side);
    if (entry->node == "pad")
      return fmt::format("augment.{}.pixels make them {} x {}", entry->name, side, side);
  }
  return fmt::format("a centre-crop or pad make them {} x {}", side, side);
}

}  // namespace

std::vector<graph::NodeInfo> augment_nodes() {
  return {Rescale::info, CentreCrop::info, RandomCrop::info, Flip::info,
          kMeanInfo,     PcaColour::info,  Scale::info,      Pad::info};
}

std::vector<io::ChainEntry> evaluation_chain(std::span<const io::ChainEntry> chain) {
  std::vector<io::ChainEntry> result;
  for (const io::ChainEntry& entry : chain) {
    if (!entry.use || entry.node == "flip" || entry.node == "pca-colour") continue;
    if (entry.node == "scale" &&
        ChainParameters(entry, Scale::info).word("when", kWhen) != "always")
      continue;
    result.push_back(entry);
    if (entry.node == "rescale") fix_scale(result.back());
    if (entry.node == "random-crop") {
      std::erase_if(result.back().parameters, [](const auto& p) { return p.first == "group"; });
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
    if (entry.node == "scale") need.covariance |= divides_by_deviation(entry);
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
    if (!entry.use) continue;
    auto stage = make_node(entry, statistics);  // its parameters are checked even where it is idle
    if (!does_nothing(entry)) stages.push_back(std::move(stage));
  }
  return stages;
}

std::optional<Extent> extent_behind(std::span<const io::ChainEntry> chain,
                                    std::optional<Extent> images) {
  for (const io::ChainEntry& entry : chain) images = extent_behind_node(entry, images);
  return images;
}

void check_chain_ends_at(std::span<const io::ChainEntry> chain, int side,
                         std::optional<Extent> images) {
  check_crops_fit(chain);
  const std::optional<Extent> end = extent_behind(chain, images);
  require(end == Extent{side, side},
          "the chain gives {} where the net takes {side} x {side} pixels; let {}",
          end ? fmt::format("{} x {} pixels", end->width, end->height)
              : std::string("images of different sizes"),
          how_to_end_at(side, chain), fmt::arg("side", side));
}

}  // namespace sluice::nodes
