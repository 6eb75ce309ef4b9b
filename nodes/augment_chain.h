// Chains of augment nodes from recipes: the catalogue makes nodes by name.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "graph/stream.h"
#include "io/recipe.h"
#include "nodes/statistics_need.h"
#include "runtime/extent.h"
#include "runtime/statistics.h"

namespace sluice::nodes {

// Every node a chain may hold, for help and messages.
std::vector<graph::NodeInfo> augment_nodes();

// The AlexNet paper's chain: shorter side 256, centre 256 x 256, mean image, random 224 crop, flip,
// colour (section 5.1), and a scale that divides by 1.
std::vector<io::ChainEntry> paper_chain();

// LeNet-5's chains on digits of 28 x 28: for 32 x 32 a border of 2 and then 1998: (x - 20) / 200,
// so that 0 becomes -0.1 and 255 becomes 1.175; modern: mean .1307 and deviation .3081 of [0, 1];
// caffe: x / 256 on 28 x 28. Throws Error{usage} for another variant.
std::vector<io::ChainEntry> lenet_chain(std::string_view variant);

// The same views for testing: no flip, no colour, a random crop becomes the centre crop of its
// side.
std::vector<io::ChainEntry> evaluation_chain(std::span<const io::ChainEntry> chain);

// The recipe's own chain for testing where it has one ([[evaluation]]), else the one above.
std::vector<io::ChainEntry> evaluation_chain(const io::Recipe& recipe);

// What comes before the mean is subtracted: what statistics are measured on.
std::vector<io::ChainEntry> before_mean(std::span<const io::ChainEntry> chain);

// Whether a chain takes measured statistics, and of what.
StatisticsNeed statistics_need(std::span<const io::ChainEntry> chain);

// Nodes for the entries in use. Throws Error{usage} for an unknown node or parameter, a value out
// of range, or statistics the chain needs and does not find, naming the node and what would be
// valid.
graph::Chain make_chain(std::span<const io::ChainEntry> chain, const Statistics& statistics);

// The one size that images have behind a chain, where they have one; `images`: before it.
std::optional<Extent> extent_behind(std::span<const io::ChainEntry> chain,
                                    std::optional<Extent> images = std::nullopt);

// Throws Error{usage} unless every image that passes comes out `side` x `side`. `images`: the size
// of all images that enter, where they have one (image_source.h); else a crop must give one.
void check_chain_ends_at(std::span<const io::ChainEntry> chain, int side,
                         std::optional<Extent> images = std::nullopt);

}  // namespace sluice::nodes
