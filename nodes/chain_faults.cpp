#include "nodes/chain_faults.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "runtime/error.h"

namespace sluice::nodes {
namespace {

using Faults = std::vector<ChainFault>;

// Any will do: what a chain's measured ones are is not known yet.
Statistics some_statistics() {
  Statistics statistics{.images = 1, .mean_rgb = {127, 127, 127}};
  for (std::size_t i = 0; i < 3; ++i) statistics.covariance[i][i] = 1.0;
  statistics.mean_extent = {1, 1};
  statistics.mean_image.assign(kChannels, 127.0F);
  return statistics;
}

// The parameter that a message speaks of.
std::string parameter_in(const std::string& text, const io::ChainEntry& entry) {
  for (const auto& [name, value] : entry.parameters)
    if (text.find(fmt::format("augment.{}.{}", entry.name, name)) != std::string::npos) return name;
  return {};
}

void find_maker_faults(std::span<const ChainUse> uses, Faults& faults) {
  const Statistics statistics = some_statistics();
  for (const ChainUse& use : uses) {
    try {
      (void)stages_of(use, statistics);
    } catch (const Error& error) {
      faults.push_back({use.entry, parameter_in(error.what(), *use.entry), error.what()});
    }
  }
}

bool any_of(const ChainUse& use, bool (*test)(const CatalogueNode&)) {
  return test(*use.node) ||
         std::ranges::any_of(use.members, [&](const ChainUse& m) { return any_of(m, test); });
}

void find_order_faults(std::span<const ChainUse> uses, Faults& faults) {
  const io::ChainEntry* floats = nullptr;
  for (const ChainUse& use : uses) {
    if (is_idle(use)) continue;
    if (floats != nullptr && any_of(use, [](const CatalogueNode& n) { return !n.takes_floats; }))
      faults.push_back({use.entry,
                        {},
                        fmt::format("augment.{}: it takes bytes, and '{}' before it makes floats; "
                                    "put it before '{}'",
                                    use.entry->name, floats->name, floats->name)});
    if (floats == nullptr && any_of(use, [](const CatalogueNode& n) { return n.gives_floats; }))
      floats = use.entry;
  }
}

std::string in_words(const ChainFault& fault, std::string_view table) {
  std::string text = fault.text;
  constexpr std::string_view kUsual = "augment.";
  for (std::size_t at = text.find(kUsual); table != "augment" && at != std::string::npos;
       at = text.find(kUsual, at + table.size()))
    text.replace(at, kUsual.size() - 1, table);
  return io::place_prefix(*fault.entry, fault.parameter) + text;
}

}  // namespace

std::vector<ChainFault> crop_faults(std::span<const ChainUse> uses) {
  Faults faults;
  std::optional<int> shorter;
  for (const ChainUse& use : uses) {
    const io::ChainEntry& entry = *use.entry;
    const ChainParameters given = use.given();
    if (entry.node == "rescale") shorter = given.integer("side");
    if (entry.node == "pad" && shorter) *shorter += 2 * given.integer("pixels");
    const std::optional<Extent> fixed = extent_behind(use, std::nullopt);
    if (!fixed) continue;
    const int side = std::min(fixed->width, fixed->height);
    if (shorter && side > *shorter && use.node->only_shifts)
      faults.push_back({&entry, "side",
                        fmt::format("augment.{}.side = {} is larger than the shorter side before "
                                    "it, {}; valid: {} or less",
                                    entry.name, side, *shorter, *shorter)});
    shorter = side;
  }
  return faults;
}

std::vector<std::string> chain_faults(std::span<const io::ChainEntry> chain,
                                      std::string_view table) {
  Faults faults;
  const auto uses = uses_of(chain, faults);
  find_maker_faults(uses, faults);
  find_order_faults(uses, faults);
  try {
    std::ranges::move(crop_faults(uses), std::back_inserter(faults));
  } catch (const Error&) {
    // A size that a node refuses has been said.
  }
  std::vector<std::string> lines;
  for (const ChainFault& fault : faults) lines.push_back(in_words(fault, table));
  return lines;
}

}  // namespace sluice::nodes
