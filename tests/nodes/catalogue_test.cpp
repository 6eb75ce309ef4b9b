// What must hold for every node of the catalogue, whoever adds one.
#include "nodes/catalogue.h"

#include <map>
#include <set>

#include "nodes/augment_chain.h"
#include "nodes/parameter_range.h"
#include "runtime/error.h"
#include "tests/nodes/drawn.h"
#include "tests/support/catch.h"

namespace sluice::nodes {
namespace {

using Catch::Contains;

constexpr Extent kExtent{40, 40};
constexpr std::uint32_t kSamples = 6;

Statistics some_statistics() {
  Statistics statistics{.images = 1, .mean_rgb = {120, 110, 100}};
  statistics.covariance = {{{900, 500, 300}, {500, 800, 400}, {300, 400, 700}}};
  statistics.mean_extent = kExtent;
  statistics.mean_image.assign(static_cast<std::size_t>(kExtent.pixels()) * kChannels, 101.5F);
  return statistics;
}

// An entry of that node that does something to images of kExtent.
io::ChainEntry entry_of(const CatalogueNode& node, const std::string& name) {
  io::ChainEntry entry{.node = std::string(node.info.name), .name = name, .use = true};
  for (const graph::ParameterSpec& spec : node.info.parameters) {
    const std::set<std::string_view> lengths = {"side", "width", "height"};
    if (lengths.contains(spec.name)) entry.parameters.emplace_back(spec.name, std::int64_t{24});
    if (spec.name == "divisor") entry.parameters.emplace_back(spec.name, 58.0);
  }
  return entry;
}

// With the members that a group needs.
std::vector<io::ChainEntry> entries_of(const CatalogueNode& node, const std::string& name) {
  std::vector<io::ChainEntry> entries = {entry_of(node, name)};
  if (!node.takes_members) return entries;
  for (const char* member : {"-a", "-b"}) {
    entries.push_back({.node = "flip", .name = name + member, .use = true});
    entries.back().parameters = {{"in", name}, {"probability", 1.0}};
  }
  return entries;
}

void add(std::vector<io::ChainEntry>& chain, std::vector<io::ChainEntry> entries) {
  for (io::ChainEntry& entry : entries) chain.push_back(std::move(entry));
}

// All nodes of the catalogue, one after the other, with another use of `extra` first.
std::vector<io::ChainEntry> all_but(const CatalogueNode* dropped, const CatalogueNode* extra) {
  std::vector<io::ChainEntry> chain;
  if (extra != nullptr) add(chain, entries_of(*extra, "extra"));
  for (const CatalogueNode& node : catalogue())
    if (&node != dropped) add(chain, entries_of(node, std::string(node.info.name)));
  return chain;
}

// What each stage of a chain decides and makes of the same images, by its name.
std::map<std::string, std::vector<Drawn>> draws_of(const std::vector<io::ChainEntry>& chain) {
  std::map<std::string, std::vector<Drawn>> draws;
  for (const auto& stage : make_chain(chain, some_statistics())) {
    for (std::uint32_t sample = 0; sample < kSamples; ++sample)
      draws[stage->name()].push_back(drawn_by(*stage, sample, noise_image(kExtent, sample)));
  }
  return draws;
}

TEST_CASE("dropping or adding any node leaves what all others draw as it was",
          "[nodes][catalogue]") {
  const auto all = draws_of(all_but(nullptr, nullptr));
  for (const CatalogueNode& node : catalogue()) {
    CAPTURE(node.info.name);
    auto without = draws_of(all_but(&node, nullptr));
    CHECK(without.size() < all.size());
    for (const auto& [name, draws] : without) {
      CAPTURE(name);
      CHECK(all.at(name) == draws);
    }
    auto more = draws_of(all_but(nullptr, &node));
    CHECK(more.size() > all.size());
    for (const auto& [name, draws] : all) {
      CAPTURE(name);
      CHECK(more.at(name) == draws);
    }
  }
}

TEST_CASE("swapping any node for any other leaves what all others draw as it was",
          "[nodes][catalogue]") {
  const auto all = draws_of(all_but(nullptr, nullptr));
  for (const CatalogueNode& node : catalogue()) {
    CAPTURE(node.info.name);
    // For the node that comes next in the catalogue, the last for the first.
    const auto nodes = catalogue();
    const CatalogueNode& other = &node == &nodes.back()
                                     ? nodes.front()
                                     : nodes[static_cast<std::size_t>(&node - &nodes.front()) + 1];
    for (const auto& [name, draws] : draws_of(all_but(&node, &other))) {
      CAPTURE(name);
      if (all.contains(name)) CHECK(all.at(name) == draws);
    }
  }
}

TEST_CASE("a decision stays wherever the extent that reaches its node stays",
          "[nodes][catalogue]") {
  // Through a chain in which a node's size is what the next one gets.
  const auto through = [](const std::vector<io::ChainEntry>& entries, std::uint32_t sample) {
    std::map<std::string, std::pair<Extent, std::string>> decisions;
    Extent extent = kExtent;
    for (const auto& stage : make_chain(entries, some_statistics())) {
      if (stage->refuses(extent)) continue;
      const graph::DecisionBox decision = decision_of(*stage, sample, extent);
      decisions[stage->name()] = {extent, stage->text(decision)};
      extent = stage->extent_after(decision, extent);
    }
    return decisions;
  };
  for (const CatalogueNode& node : catalogue()) {
    CAPTURE(node.info.name);
    int compared = 0;
    for (std::uint32_t sample = 0; sample < kSamples; ++sample) {
      const auto all = through(all_but(nullptr, nullptr), sample);
      for (const auto& [name, decided] : through(all_but(&node, nullptr), sample)) {
        if (!all.contains(name) || all.at(name).first != decided.first) continue;
        ++compared;
        CHECK(all.at(name).second == decided.second);
      }
    }
    CHECK(compared > 0);
  }
}

TEST_CASE("every node takes the defaults that it publishes", "[nodes][catalogue]") {
  for (const CatalogueNode& node : catalogue()) {
    CAPTURE(node.info.name);
    auto chain = entries_of(node, std::string(node.info.name));
    for (io::ChainEntry& entry : chain)
      if (entry.node == node.info.name) entry.parameters.clear();
    CHECK_NOTHROW(make_chain(chain, some_statistics()));
    for (const graph::ParameterSpec& spec : node.info.parameters) {
      CAPTURE(spec.name);
      if (spec.type != graph::ParameterType::word) continue;
      const auto words = words_of(spec);
      const std::string quoted(spec.default_value);
      REQUIRE(quoted.size() > 2);
      const std::string word = quoted.substr(1, quoted.size() - 2);
      CHECK(std::ranges::find(words, word) != words.end());
    }
  }
}

TEST_CASE("every node may be used twice, sometimes, and with shared draws", "[nodes][catalogue]") {
  for (const CatalogueNode& node : catalogue()) {
    CAPTURE(node.info.name);
    auto chain = entries_of(node, "first");
    for (io::ChainEntry& entry : entries_of(node, "second")) {
      if (entry.name == "second") {
        entry.parameters.emplace_back("probability", 0.5);
        entry.parameters.emplace_back("group", std::int64_t{2});
      }
      chain.push_back(std::move(entry));
    }
    const auto stages = make_chain(chain, some_statistics());
    REQUIRE(stages.size() >= 2);
    CHECK(stages.back()->group() == 2);
  }
}

TEST_CASE("an unknown node's nearest name is offered", "[nodes][catalogue]") {
  for (const CatalogueNode& node : catalogue()) {
    std::string wrong(node.info.name);
    std::swap(wrong[0], wrong[1]);
    CHECK_THROWS_WITH(find_node(wrong),
                      Contains("did you mean '" + std::string(node.info.name) + "'?"));
  }
  CHECK_THROWS_WITH(find_node("xyzzy-plugh"), Contains("unknown node 'xyzzy-plugh'; valid: "));
}

}  // namespace
}  // namespace sluice::nodes
