#include "nodes/chain_uses.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "io/nearest.h"
#include "nodes/sometimes.h"
#include "runtime/error.h"

namespace sluice::nodes {
namespace {

using Faults = std::vector<ChainFault>;

void say(Faults& faults, const io::ChainEntry& entry, std::string parameter, std::string text) {
  faults.push_back({&entry, std::move(parameter), std::move(text)});
}

// The node of an entry if there is one and its parameters fit.
const CatalogueNode* checked_node(const io::ChainEntry& entry, Faults& faults) {
  try {
    const CatalogueNode& node = find_node(entry.node);
    auto wrong = parameter_faults(entry, node.info);
    for (ParameterFault& fault : wrong)
      say(faults, entry, std::move(fault.parameter), std::move(fault.text));
    return wrong.empty() ? &node : nullptr;
  } catch (const Error& error) {
    say(faults, entry, {}, fmt::format("augment.{}: {}", entry.name, error.what()));
    return nullptr;
  }
}

std::string has_no_group(const io::ChainEntry& entry, const std::string& group,
                         std::span<const io::ChainEntry> chain) {
  std::vector<std::string> groups;
  for (const io::ChainEntry& other : chain)
    if (other.node == "one-of" || other.node == "some-of") groups.push_back(other.name);
  const std::string valid = groups.empty() ? std::string("none; put a node = \"one-of\" before it")
                                           : fmt::format("{}", fmt::join(groups, ", "));
  return fmt::format("augment.{}.in = '{}' is no group of the chain{}; valid: {}", entry.name,
                     group, io::did_you_mean(group, groups), valid);
}

// What a member may not say or be.
std::string member_fault(const ChainUse& member, const std::string& group) {
  const std::string& name = member.entry->name;
  if (member.node->is_group())
    return fmt::format("augment.{}.in: a group cannot be a member of '{}'; take `in` away", name,
                       group);
  const auto& own = member.entry->parameters;
  if (std::ranges::any_of(own, [](const auto& p) { return p.first == "group"; }))
    return fmt::format("augment.{}.group: a member shares its group's draws; give augment.{}.group",
                       name, group);
  return {};
}

// Whether a group of that name stands anywhere in the chain.
bool has_group(std::span<const io::ChainEntry> chain, const std::string& name) {
  return std::ranges::any_of(chain, [&](const io::ChainEntry& entry) {
    return entry.name == name && (entry.node == "one-of" || entry.node == "some-of");
  });
}

void add_member(std::span<const io::ChainEntry> chain, std::vector<ChainUse>& uses, ChainUse member,
                Faults& faults) {
  const io::ChainEntry& entry = *member.entry;
  const std::string group = member.given().in();
  const bool follows =
      !uses.empty() && uses.back().node->takes_members && uses.back().entry->name == group;
  if (!has_group(chain, group)) return say(faults, entry, "in", has_no_group(entry, group, chain));
  if (std::string text = member_fault(member, group); !text.empty())
    return say(faults, entry, "in", std::move(text));
  if (follows) return uses.back().members.push_back(std::move(member));
  // A group that is left out takes its members along.
  const auto used = std::ranges::find_if(chain, [&](const auto& e) { return e.name == group; });
  if (!used->use) return;
  say(faults, entry, "in",
      fmt::format("augment.{}.in: members stand right behind their group '{}'; move it there",
                  entry.name, group));
}

std::uint32_t own_group(const ChainUse& use) {
  const auto& own = use.node->info.parameters;
  const bool has_own = std::ranges::any_of(own, [](const auto& p) { return p.name == "group"; });
  return has_own ? 1 : static_cast<std::uint32_t>(use.given().group_size());
}

std::unique_ptr<graph::AugmentStage> stage_of(const ChainUse& use, const Statistics& statistics) {
  const ChainParameters given = use.given();
  return used_sometimes(use.node->make(given, statistics),
                        {.probability = given.general_probability(), .group = own_group(use)});
}

}  // namespace

std::vector<ChainUse> uses_of(std::span<const io::ChainEntry> chain, Faults& faults) {
  std::vector<ChainUse> uses;
  for (const io::ChainEntry& entry : chain) {
    const CatalogueNode* node = checked_node(entry, faults);
    if (node == nullptr || !entry.use) continue;
    ChainUse use{.entry = &entry, .node = node, .members = {}};
    if (use.given().in().empty()) {
      uses.push_back(std::move(use));
    } else {
      add_member(chain, uses, std::move(use), faults);
    }
  }
  return uses;
}

std::vector<ChainUse> uses_of(std::span<const io::ChainEntry> chain) {
  Faults faults;
  auto uses = uses_of(chain, faults);
  if (!faults.empty()) fail(ErrorKind::usage, "{}", faults.front().text);
  return uses;
}

bool is_idle(const ChainUse& use) {
  const ChainParameters given = use.given();
  return given.general_probability() == 0.0 || use.node->idle(given);
}

StatisticsNeed statistics_need(const ChainUse& use) {
  if (is_idle(use)) return {};
  StatisticsNeed need = use.node->needs(use.given());
  for (const ChainUse& member : use.members) need = need | statistics_need(member);
  return need;
}

std::optional<Extent> extent_behind(const ChainUse& use, std::optional<Extent> before) {
  const ChainParameters given = use.given();
  if (given.general_probability() == 0.0) return before;
  auto after = use.node->extent_behind(given, before);
  if (!use.members.empty()) {
    after = extent_behind(use.members.front(), before);
    for (const ChainUse& member : use.members)
      if (extent_behind(member, before) != after) return std::nullopt;
  }
  const bool always = given.general_probability() >= 1.0;
  return always || after == before ? after : std::nullopt;
}

graph::Chain stages_of(const ChainUse& use, const Statistics& statistics) {
  graph::Chain stages;
  if (!use.node->is_group()) {
    stages.push_back(stage_of(use, statistics));
    return stages;
  }
  Members members;
  for (const ChainUse& member : use.members) members.push_back(stage_of(member, statistics));
  return use.node->make_group(use.given(), std::move(members));
}

}  // namespace sluice::nodes
