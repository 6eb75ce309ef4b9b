#include "nodes/one_of.h"

#include <utility>

#include "runtime/error.h"

namespace sluice::nodes {

Group group_from(const ChainParameters& given, const graph::NodeInfo& info) {
  return {.name = given.name(),
          .info = info,
          .probability = given.general_probability(),
          .shares = static_cast<std::uint32_t>(given.group_size())};
}

graph::Chain one_of_from(const ChainParameters& given, Members members) {
  return group_stages(group_from(given, OneOf::info), std::move(members));
}

graph::Chain some_of_from(const ChainParameters& given, Members members) {
  const int count = given.integer("count"), to = given.integer("to");
  require(to == 0 || (to >= count && to <= 64), "augment.{}.to = {}; valid: 0, or {} to 64",
          given.name(), to, count);
  const int most = to == 0 ? count : to;
  require(most > 0, "augment.{}.count = 0 uses no member; valid: 1 to 64, or 0 with `to`",
          given.name());
  Group group = group_from(given, SomeOf::info);
  group.choice.least = static_cast<std::size_t>(count);
  group.choice.most = static_cast<std::size_t>(most);
  group.choice.order =
      given.word("order", {"listed", "drawn"}) == "drawn" ? Order::drawn : Order::listed;
  return group_stages(std::move(group), std::move(members));
}

}  // namespace sluice::nodes
