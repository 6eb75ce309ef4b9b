#include "nodes/shared_chain.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <string>
#include <variant>
#include <vector>

#include "nodes/chain_uses.h"

namespace sluice::nodes {
namespace {

// 1 and 1.0 are one number.
std::string plain(const io::RecipeValue& value) {
  if (const auto* whole = std::get_if<std::int64_t>(&value))
    return fmt::format("{}", static_cast<double>(*whole));
  if (const auto* real = std::get_if<double>(&value)) return fmt::format("{}", *real);
  return io::to_text(value);
}

// All that is said of a node, whatever the order.
std::string said_of(const ChainUse& use) {
  std::vector<std::string> words;
  for (const auto& [name, value] : use.entry->parameters)
    words.push_back(fmt::format("{} = {}", name, plain(value)));
  std::ranges::sort(words);
  std::string text =
      fmt::format("{} {} ({})", use.entry->node, use.entry->name, fmt::join(words, ", "));
  for (const ChainUse& member : use.members) text += fmt::format(" [{}]", said_of(member));
  return text;
}

std::vector<ChainUse> busy_uses(const StatedChain& chain) {
  std::vector<ChainUse> uses = uses_of(chain.entries);
  std::erase_if(uses, is_idle);
  return uses;
}

}  // namespace

std::size_t shared_stages(std::span<const StatedChain> chains) {
  std::vector<std::vector<ChainUse>> all;
  for (const StatedChain& chain : chains) all.push_back(busy_uses(chain));
  const StatedChain& first = chains.front();
  std::size_t stages = 0;
  for (std::size_t n = 0; n < all.front().size(); ++n) {
    const ChainUse& use = all.front()[n];
    for (std::size_t c = 1; c < chains.size(); ++c) {
      if (n >= all[c].size() || said_of(all[c][n]) != said_of(use)) return stages;
      if (statistics_need(use).any() && chains[c].statistics != first.statistics) return stages;
    }
    stages += stages_of(use, first.statistics).size();
  }
  return stages;
}

}  // namespace sluice::nodes
