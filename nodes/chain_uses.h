// A recipe's chain as it is used: entries that are left out are gone, members stand in their group.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "graph/stream.h"
#include "io/recipe.h"
#include "nodes/catalogue.h"

namespace sluice::nodes {

// One node, or a group with its members. Refers to the chain and the catalogue.
struct ChainUse {
  const io::ChainEntry* entry = nullptr;
  const CatalogueNode* node = nullptr;
  std::vector<ChainUse> members;  // of a group

  ChainParameters given() const { return ChainParameters(*entry, node->info); }
};

// What is wrong with an entry of a chain, in one line; `parameter` is empty where it is the entry.
struct ChainFault {
  const io::ChainEntry* entry = nullptr;
  std::string parameter;
  std::string text;
};

// Members follow their group, before the next node that is none of them. What cannot be used is
// left out and becomes a fault.
std::vector<ChainUse> uses_of(std::span<const io::ChainEntry> chain,
                              std::vector<ChainFault>& faults);
// Throws Error{usage} with the first fault.
std::vector<ChainUse> uses_of(std::span<const io::ChainEntry> chain);

// Whether it changes nothing.
bool is_idle(const ChainUse& use);
StatisticsNeed statistics_need(const ChainUse& use);
// The one size of all images behind it, where they have one. Of a group: where its members agree.
std::optional<Extent> extent_behind(const ChainUse& use, std::optional<Extent> before);
// Its stages: one, or one for each place of a group.
graph::Chain stages_of(const ChainUse& use, const Statistics& statistics);

}  // namespace sluice::nodes
