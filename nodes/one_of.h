// Groups of which an image passes some members: one, or some.
#pragma once

#include "nodes/catalogue.h"

namespace sluice::nodes {

// One member, each as likely. In a recipe:
//   [[augment]] node = "one-of", name = "colour"
//   [[augment]] node = "grey", in = "colour"
//   [[augment]] node = "gamma", in = "colour"
struct OneOf {
  static constexpr bool kTakesMembers = true;
  static constexpr graph::NodeInfo info{
      .name = "one-of", .help = "passes an image through one of its members, each as likely"};
};

// `count` members, or from `count` to `to`, in the order of the recipe or in a drawn one.
struct SomeOf {
  static constexpr bool kTakesMembers = true;
  static constexpr graph::ParameterSpec kParameters[] = {
      {"count", graph::ParameterType::integer, "members", "2", "0 to 64",
       "how many members an image passes"},
      {"to", graph::ParameterType::integer, "members", "0", "0, or count to 64",
       "how many are drawn evenly from count to this; 0: they are count"},
      {"order", graph::ParameterType::word, "", "\"listed\"", "listed or drawn",
       "listed: as they stand in the recipe; drawn: in any order, each as likely"}};
  static constexpr graph::NodeInfo info{.name = "some-of",
                                        .help = "passes an image through some of its members",
                                        .parameters = kParameters};
};

graph::Chain one_of_from(const ChainParameters& given, Members members);
graph::Chain some_of_from(const ChainParameters& given, Members members);

// What every group begins with: its name, `probability` and `group` of the recipe.
Group group_from(const ChainParameters& given, const graph::NodeInfo& info);

}  // namespace sluice::nodes
