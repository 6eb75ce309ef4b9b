// The catalogue: every augment node that a recipe may name, one line each (catalogue.cpp).
//
// A node says the rest itself, in nodes/x.h. It must have
//   static constexpr graph::NodeInfo info       name, kind, cost class, help, parameters
// and a function that makes it of a recipe's parameters, X x_from(const ChainParameters&) or
// X x_from(const ChainParameters&, const Statistics&); its own check() throws for values out of
// range. It may have
//   static constexpr Tested kTested             default: `kept` where Decision is NoDecision; any
//       other node must say whether a chain for testing, made of one for training, keeps it
//   static std::vector<io::ChainEntry> tested(const io::ChainEntry&)   instead of kTested: what
//       stands there when the net is tested
//   std::optional<Extent> extent_behind(std::optional<Extent> before) const   a node of kind
//       geometry must say which one size all images have behind it (none: it depends), or
//   static constexpr bool kKeepsExtent = true   that it changes no size. Other kinds never do
//   static constexpr bool kTakesFloats = false  it works on bytes alone, so it stands before the
//       mean and whatever else makes floats. Default: it takes both
//   static bool idle(const ChainParameters&)    whether these parameters change nothing: the
//       node is then left out of the pipeline
//   static StatisticsNeed needs(const ChainParameters&)   what it takes of Statistics
#pragma once

#include <concepts>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "augment/decision.h"
#include "graph/stage.h"
#include "io/recipe.h"
#include "nodes/chain_parameters.h"
#include "nodes/group_stage.h"
#include "nodes/statistics_need.h"
#include "runtime/extent.h"
#include "runtime/statistics.h"

namespace sluice::nodes {

// What becomes of a node where a chain for testing is made of one for training.
enum class Tested { kept, left_out };

// One line of the catalogue. All functions throw Error{usage} that names node and parameter.
struct CatalogueNode {
  graph::NodeInfo info;
  bool gives_floats = false;  // whatever it is given
  bool takes_floats = true;
  bool only_shifts = false;  // it is a crop (graph/node.h)
  bool (*idle)(const ChainParameters& given) = nullptr;
  StatisticsNeed (*needs)(const ChainParameters& given) = nullptr;
  std::vector<io::ChainEntry> (*tested)(const io::ChainEntry& entry) = nullptr;
  std::optional<Extent> (*extent_behind)(const ChainParameters& given,
                                         std::optional<Extent> before) = nullptr;
  std::unique_ptr<graph::AugmentStage> (*make)(const ChainParameters& given,
                                               const Statistics& statistics) = nullptr;
  // Of groups, instead of `make` and `extent_behind`. Members come from the recipe (other entries
  // that say in = "NAME"), or the group has its own and is handed none.
  graph::Chain (*make_group)(const ChainParameters& given, Members members) = nullptr;
  bool takes_members = false;

  bool is_group() const { return make_group != nullptr; }
};

// All of them, in the order in which help lists them. Any thread.
std::span<const CatalogueNode> catalogue();

// Throws Error{usage} for a name that is none, with the nearest one and all of them.
const CatalogueNode& find_node(std::string_view name);

// The node under the name that the recipe gives it, its parameters checked.
template <graph::AugmentNode N>
std::unique_ptr<graph::AugmentStage> checked_stage(N node, const ChainParameters& given) {
  try {
    node.check();
  } catch (const Error& error) {
    fail(error.kind(), "augment.{}: {}", given.name(), error.what());
  }
  return graph::erase_augment(std::move(node), given.name());
}

namespace catalogue_detail {

template <auto From>
auto made(const ChainParameters& given, const Statistics& statistics) {
  if constexpr (requires { From(given, statistics); }) {
    return From(given, statistics);
  } else {
    return From(given);
  }
}

template <auto From>
std::unique_ptr<graph::AugmentStage> stage(const ChainParameters& given,
                                           const Statistics& statistics) {
  using Made = decltype(made<From>(given, statistics));
  if constexpr (graph::AugmentNode<Made>) {
    return checked_stage(made<From>(given, statistics), given);
  } else {
    return made<From>(given, statistics);
  }
}

template <class N>
bool idle([[maybe_unused]] const ChainParameters& given) {
  if constexpr (requires { N::idle(given); }) return N::idle(given);
  return false;
}

template <class N>
StatisticsNeed needs([[maybe_unused]] const ChainParameters& given) {
  if constexpr (requires { N::needs(given); }) return N::needs(given);
  return {};
}

template <class N>
constexpr bool decides_nothing() {
  if constexpr (requires { typename N::Decision; })
    return std::same_as<typename N::Decision, augment::NoDecision>;
  return false;
}

template <class N>
constexpr Tested when_tested() {
  if constexpr (requires { N::kTested; }) {
    return N::kTested;
  } else {
    static_assert(decides_nothing<N>(),
                  "a node that decides something says what becomes of it when the net is tested: "
                  "static constexpr Tested kTested, or tested(entry)");
    return Tested::kept;
  }
}

template <class N>
std::vector<io::ChainEntry> tested(const io::ChainEntry& entry) {
  if constexpr (requires { N::tested(entry); }) {
    return N::tested(entry);
  } else if constexpr (when_tested<N>() == Tested::kept) {
    return {entry};
  } else {
    return {};
  }
}

template <class N, auto From>
std::optional<Extent> extent_behind([[maybe_unused]] const ChainParameters& given,
                                    std::optional<Extent> before) {
  constexpr bool kKeeps = N::info.kind != graph::NodeKind::geometry || requires {
    N::kKeepsExtent;
  };
  if constexpr (!kKeeps) {
    static_assert(
        requires(const N& node) { node.extent_behind(before); },
        "a geometry node says which size images have behind it: extent_behind(before), "
        "or static constexpr bool kKeepsExtent = true");
    return made<From>(given, {}).extent_behind(before);
  }
  return before;
}

template <class N>
constexpr bool gives_floats() {
  if constexpr (requires(const N& node) { node.type_after(PixelType::u8); })
    return N{}.type_after(PixelType::u8) == PixelType::f32;
  return N::info.kind == graph::NodeKind::colour && !requires { typename N::Decision; };
}

template <class N>
constexpr bool takes_floats() {
  if constexpr (requires { N::kTakesFloats; }) return N::kTakesFloats;
  return true;
}

template <class N>
constexpr bool only_shifts() {
  if constexpr (requires { N::kOnlyShifts; }) return N::kOnlyShifts;
  return false;
}

}  // namespace catalogue_detail

// The line of a node: node<Flip, flip_from>().
template <class N, auto From>
CatalogueNode node() {
  namespace detail = catalogue_detail;
  return {.info = N::info,
          .gives_floats = detail::gives_floats<N>(),
          .takes_floats = detail::takes_floats<N>(),
          .only_shifts = detail::only_shifts<N>(),
          .idle = detail::idle<N>,
          .needs = detail::needs<N>,
          .tested = detail::tested<N>,
          .extent_behind = detail::extent_behind<N, From>,
          .make = detail::stage<From>};
}

// The line of a group: group<OneOf, one_of_from>(). Nets are tested without it.
template <class G, graph::Chain (*From)(const ChainParameters&, Members)>
CatalogueNode group() {
  namespace detail = catalogue_detail;
  return {
      .info = G::info,
      .idle = detail::idle<G>,
      .needs = detail::needs<G>,
      .tested = [](const io::ChainEntry&) { return std::vector<io::ChainEntry>{}; },
      .extent_behind = [](const ChainParameters&, std::optional<Extent> before) { return before; },
      .make_group = From,
      .takes_members = G::kTakesMembers};
}

}  // namespace sluice::nodes
