#include "nodes/chain_edits.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "io/nearest.h"
#include "nodes/catalogue.h"
#include "nodes/parameter_range.h"
#include "runtime/error.h"

namespace sluice::nodes {
namespace {

io::ChainEntry& entry_of(std::vector<io::ChainEntry>& chain, std::string_view name,
                         std::string_view flag) {
  if (io::ChainEntry* entry = io::find_entry(chain, name)) return *entry;
  std::vector<std::string> names;
  for (const io::ChainEntry& entry : chain) names.push_back(entry.name);
  fail(ErrorKind::usage, "{}: the chain has no node '{}'{}; it has: {}", flag, name,
       io::did_you_mean(name, names), fmt::join(names, ", "));
}

// A node, and the parameter that a word behind its name is a value of.
struct Wanted {
  const CatalogueNode* node = nullptr;
  std::optional<std::pair<std::string, std::string>> word{};
};

std::optional<Wanted> with_word(const CatalogueNode& node, std::string_view name) {
  const std::string begin = fmt::format("{}-", node.info.name);
  if (!name.starts_with(begin)) return std::nullopt;
  const std::string word(name.substr(begin.size()));
  for (const graph::ParameterSpec& spec : node.info.parameters) {
    if (spec.type != graph::ParameterType::word) continue;
    const auto words = words_of(spec);
    if (std::ranges::find(words, word) != words.end())
      return Wanted{&node, std::pair(std::string(spec.name), word)};
  }
  return std::nullopt;
}

Wanted wanted(std::string_view name) {
  for (const CatalogueNode& node : catalogue())
    if (node.info.name == name) return {.node = &node};
  for (const CatalogueNode& node : catalogue())
    if (const auto found = with_word(node, name)) return *found;
  return {.node = &find_node(name)};  // throws, with the nearest name
}

// Whether the new node has the parameter, too, and takes the value.
bool fits(const CatalogueNode& node, const std::pair<std::string, io::RecipeValue>& parameter) {
  io::ChainEntry probe{.node = std::string(node.info.name), .name = "probe"};
  probe.parameters = {parameter};
  return parameter_faults(probe, node.info).empty();
}

}  // namespace

void swap_node(std::vector<io::ChainEntry>& chain, std::string_view name, std::string_view with) {
  io::ChainEntry& entry = entry_of(chain, name, "--swap");
  const Wanted now = wanted(with);
  const std::string node(now.node->info.name);
  const bool own_name = entry.name == entry.node;
  require(!own_name || node == entry.node || io::find_entry(chain, node) == nullptr,
          "--swap {}={}: the chain has a node '{}' already; give this one a name = \"...\" of its "
          "own",
          name, with, node);
  if (own_name) entry.name = node;
  entry.node = node;
  std::erase_if(entry.parameters, [&](const auto& parameter) {
    return !fits(*now.node, parameter) || (now.word && parameter.first == now.word->first);
  });
  if (now.word) {
    entry.places.erase(now.word->first);
    entry.parameters.emplace_back(now.word->first, now.word->second);
  }
}

void drop_node(std::vector<io::ChainEntry>& chain, std::string_view name) {
  const std::string dropped = entry_of(chain, name, "--drop").name;
  std::erase_if(chain, [&](const io::ChainEntry& entry) {
    const auto is_member = [&](const auto& parameter) {
      return parameter.first == "in" && parameter.second == io::RecipeValue(dropped);
    };
    return entry.name == dropped || std::ranges::any_of(entry.parameters, is_member);
  });
}

}  // namespace sluice::nodes
