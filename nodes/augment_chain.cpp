#include "nodes/augment_chain.h"

#include <fmt/format.h>

#include <algorithm>

#include "nodes/catalogue.h"
#include "nodes/chain_faults.h"
#include "nodes/chain_parameters.h"
#include "nodes/chain_uses.h"
#include "runtime/error.h"

namespace sluice::nodes {
namespace {

// A crop cannot be larger than what a rescale before it leaves of the shorter side.
void check_crops_fit(std::span<const io::ChainEntry> chain) {
  const auto faults = crop_faults(uses_of(chain));
  if (faults.empty()) return;
  const ChainFault& first = faults.front();
  fail(ErrorKind::usage, "{}{}", io::place_prefix(*first.entry, first.parameter), first.text);
}

// What has to change for a chain to end at a side, and the entry that would.
struct Remedy {
  std::string place;  // of it in the file, if it is there
  std::string text;
};

// (A chain without crops leaves the size to the images, which are digits of one size.)
Remedy remedy_for(int side, std::span<const io::ChainEntry> chain) {
  const auto uses = uses_of(chain);
  for (auto use = uses.rbegin(); use != uses.rend(); ++use) {
    const io::ChainEntry& entry = *use->entry;
    if (extent_behind(*use, std::nullopt))
      return {io::place_prefix(entry, "side"), fmt::format("its last crop have side = {}", side)};
    if (entry.node == "pad")
      return {io::place_prefix(entry, "pixels"),
              fmt::format("augment.{}.pixels make them {} x {}", entry.name, side, side)};
  }
  return {{}, fmt::format("a centre-crop or pad make them {} x {}", side, side)};
}

}  // namespace

std::vector<graph::NodeInfo> augment_nodes() {
  std::vector<graph::NodeInfo> infos;
  for (const CatalogueNode& node : catalogue()) infos.push_back(node.info);
  return infos;
}

std::vector<io::ChainEntry> evaluation_chain(std::span<const io::ChainEntry> chain) {
  std::vector<io::ChainEntry> result;
  for (const ChainUse& use : uses_of(chain)) {
    if (use.given().general_probability() < 1.0) continue;
    for (io::ChainEntry& tested : use.node->tested(*use.entry)) {
      std::erase_if(tested.parameters, [&](const auto& p) { return p.first == "group"; });
      result.push_back(std::move(tested));
    }
  }
  return result;
}

std::vector<io::ChainEntry> evaluation_chain(const io::Recipe& recipe) {
  return recipe.evaluation.empty() ? evaluation_chain(recipe.augment) : recipe.evaluation;
}

std::vector<io::ChainEntry> before_mean(std::span<const io::ChainEntry> chain) {
  // Whatever is random or makes floats: its pixels are not those that are measured.
  const auto ends = [](const io::ChainEntry& entry) {
    const CatalogueNode& node = find_node(entry.node);
    const ChainParameters given(entry, node.info);
    if (node.gives_floats || given.general_probability() < 1.0 || !given.in().empty()) return true;
    const auto tested = node.tested(entry);
    return tested.empty() || tested.front().node != entry.node;
  };
  return {chain.begin(), std::find_if(chain.begin(), chain.end(), ends)};
}

StatisticsNeed statistics_need(std::span<const io::ChainEntry> chain) {
  StatisticsNeed need;
  for (const ChainUse& use : uses_of(chain)) need = need | statistics_need(use);
  return need;
}

graph::Chain make_chain(std::span<const io::ChainEntry> chain, const Statistics& statistics) {
  graph::Chain stages;
  for (const ChainUse& use : uses_of(chain)) {
    // Its parameters are checked even where it is idle.
    for (auto& stage : stages_of(use, statistics))
      if (!is_idle(use)) stages.push_back(std::move(stage));
  }
  return stages;
}

std::optional<Extent> extent_behind(std::span<const io::ChainEntry> chain,
                                    std::optional<Extent> images) {
  for (const ChainUse& use : uses_of(chain)) images = extent_behind(use, images);
  return images;
}

void check_chain_ends_at(std::span<const io::ChainEntry> chain, int side,
                         std::optional<Extent> images) {
  check_crops_fit(chain);
  const std::optional<Extent> end = extent_behind(chain, images);
  if (end == Extent{side, side}) return;
  const Remedy remedy = remedy_for(side, chain);
  fail(ErrorKind::usage, "{}the chain gives {} where the net takes {} x {} pixels; let {}",
       remedy.place,
       end ? fmt::format("{} x {} pixels", end->width, end->height)
           : std::string("images of different sizes"),
       side, side, remedy.text);
}

}  // namespace sluice::nodes
