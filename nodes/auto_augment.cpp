#include "nodes/auto_augment.h"

#include <fmt/format.h>

#include <utility>

#include "nodes/augment_space.h"
#include "nodes/one_of.h"

namespace sluice::nodes {
namespace {

AugmentLook look_of(const ChainParameters& given) {
  return {.sampling = given.word("sampling", {"nearest", "bilinear"}), .fill = given.real("fill")};
}

// Makes the entries' nodes; their streams carry the group's name.
void add_members(const std::vector<io::ChainEntry>& entries, const ChainParameters& given,
                 Members& members) {
  for (io::ChainEntry entry : entries) {
    entry.name = fmt::format("{}/{}", given.name(), entry.name);
    const CatalogueNode& node = find_node(entry.node);
    members.push_back(node.make(ChainParameters(entry, node.info), {}));
  }
}

}  // namespace

graph::Chain rand_augment_from(const ChainParameters& given, Members members) {
  Group group = group_from(given, RandAugment::info);
  group.choice.least = group.choice.most = static_cast<std::size_t>(given.integer("count"));
  group.choice.repeats = Repeats::may;
  add_members(augment_space(rand_augment_space(), given.integer("magnitude"), look_of(given)),
              given, members);
  return group_stages(std::move(group), std::move(members));
}

graph::Chain trivial_augment_from(const ChainParameters& given, Members members) {
  Group group = group_from(given, TrivialAugment::info);
  group.choice.repeats = Repeats::may;
  for (int strength = 0; strength < kStrengths; ++strength)
    add_members(augment_space(wide_space(given.real("translate")), strength, look_of(given)), given,
                members);
  return group_stages(std::move(group), std::move(members));
}

}  // namespace sluice::nodes
