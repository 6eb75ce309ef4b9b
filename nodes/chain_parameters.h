// Reads the parameters of one chain entry against its node's published list.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "graph/node.h"
#include "io/recipe.h"

namespace sluice::nodes {

// What every node takes beside its own: `probability`, `group` and `in`. A node's own parameter of
// the same name stands instead.
std::span<const graph::ParameterSpec> general_parameters();

// A fault of an entry's parameters and the one it lies in (empty: the entry's).
struct ParameterFault {
  std::string parameter;
  std::string text;  // with the entry's name in front, on one line
};
// All of an entry's parameters that the node does not have or that do not fit.
std::vector<ParameterFault> parameter_faults(const io::ChainEntry& entry,
                                             const graph::NodeInfo& info);

// Refers to the entry. Each getter throws Error{usage} naming node, parameter and valid values.
class ChainParameters {
 public:
  // Throws for the first parameter that the node does not have or that does not fit.
  ChainParameters(const io::ChainEntry& entry, const graph::NodeInfo& info);

  // The recipe's name for this use of the node.
  const std::string& name() const { return entry_.name; }

  // In how many of the images the node is used; a node's own probability is none of this.
  double general_probability() const;
  // The group it is a member of; empty: none.
  std::string in() const;
  // How many neighbours in the epoch's order share the node's draw: its `group`.
  int group_size() const;

  // The published default stands where the recipe says nothing.
  int integer(std::string_view name) const;
  double real(std::string_view name) const;

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
