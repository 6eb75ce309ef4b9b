// Reads the parameters of one chain entry against its node's published list.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "graph/node.h"
#include "io/recipe.h"

namespace sluice::nodes {

// Refers to the entry. Each getter throws Error{usage} naming node, parameter and valid values.
class ChainParameters {
 public:
  // Throws for a parameter the node does not have, listing those it has.
  ChainParameters(const io::ChainEntry& entry, const graph::NodeInfo& info);

  int integer(std::string_view name, int otherwise) const;
  double real(std::string_view name, double otherwise) const;
  // One of `words`; the first is the default.
  std::string word(std::string_view name, const std::vector<std::string>& words) const;

 private:
  const io::RecipeValue* find(std::string_view name) const;
  [[noreturn]] void refuse(std::string_view name, const io::RecipeValue& value,
                           std::string_view valid) const;

  const io::ChainEntry& entry_;
  const graph::NodeInfo info_;
};

}  // namespace sluice::nodes
