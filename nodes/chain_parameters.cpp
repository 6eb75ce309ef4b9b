#include "nodes/chain_parameters.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "io/nearest.h"
#include "nodes/parameter_range.h"
#include "runtime/error.h"

namespace sluice::nodes {
namespace {

constexpr std::int64_t kLargestInteger = 1 << 20;

const graph::ParameterSpec* spec_of(const graph::NodeInfo& info, std::string_view name) {
  const auto it = std::find_if(info.parameters.begin(), info.parameters.end(),
                               [&](const auto& spec) { return spec.name == name; });
  return it == info.parameters.end() ? nullptr : &*it;
}

// A parameter's published default.
template <class T>
T published(const graph::NodeInfo& info, std::string_view name) {
  const graph::ParameterSpec* spec = spec_of(info, name);
  T value{};
  if (spec != nullptr) {
    const std::string_view text = spec->default_value;
    std::from_chars(text.data(), text.data() + text.size(), value);
  }
  return value;
}

constexpr graph::ParameterSpec kGeneral[] = {
    {"probability", graph::ParameterType::real, "", "1.0", "0 to 1",
     "of using the node on an image"},
    {"group", graph::ParameterType::integer, "images", "1", "1 to 1048576",
     "neighbours in the epoch's order that share its draws"},
    {"in", graph::ParameterType::word, "", "\"\"", "the name of a one-of or some-of",
     "the group that the node is a member of"}};

const graph::ParameterSpec* general_spec_of(const graph::NodeInfo& info, std::string_view name) {
  if (const auto* own = spec_of(info, name)) return own;
  const auto it = std::ranges::find(kGeneral, name, &graph::ParameterSpec::name);
  return it == std::end(kGeneral) ? nullptr : it;
}

std::vector<std::string> names(const graph::NodeInfo& info) {
  std::vector<std::string> list = {"use"};
  for (const auto& spec : info.parameters) list.emplace_back(spec.name);
  for (const auto& spec : kGeneral)
    if (spec_of(info, spec.name) == nullptr) list.emplace_back(spec.name);
  return list;
}

std::string fault_text(const io::ChainEntry& entry, const graph::NodeInfo& info,
                       const std::string& name, const io::RecipeValue& value) {
  const graph::ParameterSpec* spec = general_spec_of(info, name);
  if (spec == nullptr) {
    const auto valid = names(info);
    return fmt::format("augment.{}: node '{}' has no parameter '{}'{}; valid: {}", entry.name,
                       entry.node, name, io::did_you_mean(name, valid), fmt::join(valid, ", "));
  }
  if (name == "in" && spec_of(info, name) == nullptr) {
    if (std::holds_alternative<std::string>(value)) return {};
    return fmt::format("augment.{}.in = {} is no word; valid: {}", entry.name, io::to_text(value),
                       spec->valid);
  }
  const auto fault = fault_of(*spec, value);
  return fault ? fmt::format("augment.{}.{} {}", entry.name, name, *fault) : std::string();
}

}  // namespace

std::span<const graph::ParameterSpec> general_parameters() { return kGeneral; }

std::vector<ParameterFault> parameter_faults(const io::ChainEntry& entry,
                                             const graph::NodeInfo& info) {
  std::vector<ParameterFault> faults;
  for (const auto& [name, value] : entry.parameters) {
    if (std::string text = fault_text(entry, info, name, value); !text.empty())
      faults.push_back({name, std::move(text)});
  }
  return faults;
}

ChainParameters::ChainParameters(const io::ChainEntry& entry, const graph::NodeInfo& info)
    : entry_(entry), info_(info) {
  const auto faults = parameter_faults(entry, info);
  if (!faults.empty()) fail(ErrorKind::usage, "{}", faults.front().text);
}

double ChainParameters::general_probability() const {
  return spec_of(info_, "probability") != nullptr ? 1.0 : real("probability", 1.0);
}

std::string ChainParameters::in() const {
  const io::RecipeValue* value = spec_of(info_, "in") != nullptr ? nullptr : find("in");
  return value == nullptr ? std::string() : std::get<std::string>(*value);
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

int ChainParameters::group_size() const { return integer("group", 1); }

int ChainParameters::integer(std::string_view name) const {
  return integer(name, published<int>(info_, name));
}

double ChainParameters::real(std::string_view name) const {
  return real(name, published<double>(info_, name));
}

int ChainParameters::integer(std::string_view name, int otherwise) const {
  const io::RecipeValue* value = find(name);
  if (value == nullptr) return otherwise;
  const auto* number = std::get_if<std::int64_t>(value);
  if (number == nullptr || *number < -kLargestInteger || *number > kLargestInteger) {
    refuse(name, *value, general_spec_of(info_, name)->valid);
  }
  return static_cast<int>(*number);
}

double ChainParameters::real(std::string_view name, double otherwise) const {
  const io::RecipeValue* value = find(name);
  if (value == nullptr) return otherwise;
  if (const auto* number = std::get_if<double>(value)) return *number;
  if (const auto* number = std::get_if<std::int64_t>(value)) return static_cast<double>(*number);
  refuse(name, *value, general_spec_of(info_, name)->valid);
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
