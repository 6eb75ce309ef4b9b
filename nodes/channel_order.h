// augment::ChannelOrder as a node of the graph.
#pragma once

#include "augment/channel_order.h"
#include "graph/node.h"
#include "nodes/catalogue.h"

namespace sluice::nodes {

// Channels in another order, drawn or given.
struct ChannelOrder : augment::ChannelOrder {
  static constexpr graph::ParameterSpec kParameters[] = {
      {"order", graph::ParameterType::word, "", "\"random\"",
       "random, rgb, rbg, grb, gbr, brg or bgr", "random: each of the six equally often"}};
  static constexpr graph::NodeInfo info{.name = "channel-order",
                                        .kind = graph::NodeKind::colour,
                                        .cost = graph::CostClass::pixels_out,
                                        .help = "puts the channels into another order",
                                        .parameters = kParameters};

  // A net that was trained on one order is tested on it, one that saw all of them on the true one.
  static std::vector<io::ChainEntry> tested(const io::ChainEntry& entry) {
    if (word_of(ChainParameters(entry, info)) == "random") return {};
    return {entry};
  }
  static std::string word_of(const ChainParameters& given) {
    return given.word("order", {"random", "rgb", "rbg", "grb", "gbr", "brg", "bgr"});
  }
};
static_assert(graph::AugmentNode<ChannelOrder>);

inline ChannelOrder channel_order_from(const ChainParameters& given) {
  const std::string order = ChannelOrder::word_of(given);
  ChannelOrder node;
  if (order == "random") return node;
  node.choice = augment::ChannelOrder::Choice::fixed;
  node.order = augment::channel_order_of(order);
  return node;
}

}  // namespace sluice::nodes
