#include "nodes/chain_parameters.h"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/error.h"

namespace sluice::nodes {
namespace {

constexpr std::int64_t kLargestInteger = 1 << 20;

const graph::ParameterSpec* spec_of(const graph::NodeInfo& info, std::string_view name) {
  const auto it = std::find_if(info.parameters.begin(), info.parameters.end(),
                               [&](const auto& spec) { return spec.name == name; });
  return it == info.parameters.end() ? nullptr : &*it;
}

std::string names(const graph::NodeInfo& info) {
  std::string list = "use";
  for (const auto& spec : info.parameters) list += fmt::format(", {}", spec.name);
  return list;
}

}  // namespace

ChainParameters::ChainParameters(const io::ChainEntry& entry, const graph::NodeInfo& info)
    : entry_(entry), info_(info) {
  for (const auto& [name, value] : entry.parameters) {
    require(spec_of(info, name) != nullptr,
            "augment.{}: node '{}' has no parameter '{}'; valid: {}", entry.name, entry.node, name,
            names(info));
  }
}

const io::RecipeValue* ChainParameters::find(std::string_view name) const {
  for (const auto& [key, value] : entry_.parameters) {
    if (key == name) return &value;
  }
  return nullptr;
}

void ChainParameters::refuse(std::string_view name, const io::RecipeValue& value,
                             std::string_view valid) const {
  fail(ErrorKind::usage, "augment.{}.{} = {} does not fit; valid: {}", entry_.name, name,
       io::to_text(value), valid);
}

int ChainParameters::integer(std::string_view name, int otherwise) const {
  const io::RecipeValue* value = find(name);
  if (value == nullptr) return otherwise;
  const auto* number = std::get_if<std::int64_t>(value);
  if (number == nullptr || *number < -kLargestInteger || *number > kLargestInteger) {
    refuse(name, *value, spec_of(info_, name)->valid);
  }
  return static_cast<int>(*number);
}

double ChainParameters::real(std::string_view name, double otherwise) const {
  const io::RecipeValue* value = find(name);
  if (value == nullptr) return otherwise;
  if (const auto* number = std::get_if<double>(value)) return *number;
  if (const auto* number = std::get_if<std::int64_t>(value)) return static_cast<double>(*number);
  refuse(name, *value, spec_of(info_, name)->valid);
}

std::string ChainParameters::word(std::string_view name,
                                  const std::vector<std::string>& words) const {
  const io::RecipeValue* value = find(name);
  if (value == nullptr) return words.front();
  const auto* text = std::get_if<std::string>(value);
  if (text == nullptr || std::find(words.begin(), words.end(), *text) == words.end()) {
    refuse(name, *value, fmt::format("{}", fmt::join(words, ", ")));
  }
  return *text;
}

}  // namespace sluice::nodes
