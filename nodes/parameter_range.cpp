#include "nodes/parameter_range.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "io/nearest.h"

namespace sluice::nodes {
namespace {

std::optional<double> number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string refusal(const io::RecipeValue& value, std::string_view why, std::string_view valid) {
  return fmt::format("= {} {}; valid: {}", io::to_text(value), why, valid);
}

std::optional<double> as_number(const io::RecipeValue& value) {
  if (const auto* real = std::get_if<double>(&value)) return *real;
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return static_cast<double>(*whole);
  return std::nullopt;
}

std::optional<std::string> word_fault(const graph::ParameterSpec& spec,
                                      const io::RecipeValue& value) {
  const auto* text = std::get_if<std::string>(&value);
  if (text == nullptr) return refusal(value, "is no word", spec.valid);
  const auto words = words_of(spec);
  if (std::ranges::find(words, *text) != words.end()) return std::nullopt;
  return refusal(value, "does not fit" + io::did_you_mean(*text, words), spec.valid);
}

}  // namespace

std::optional<ParameterRange> range_of(const graph::ParameterSpec& spec) {
  const std::string_view valid = spec.valid;
  constexpr double kNoEnd = std::numeric_limits<double>::infinity();
  if (valid.starts_with("above ")) {
    const auto least = number(valid.substr(6));
    return least ? std::optional(ParameterRange{*least, kNoEnd, true}) : std::nullopt;
  }
  const std::size_t to = valid.find(" to ");
  if (to == std::string_view::npos) return std::nullopt;
  const auto least = number(valid.substr(0, to)), most = number(valid.substr(to + 4));
  if (!least || !most) return std::nullopt;
  return ParameterRange{*least, *most, false};
}

std::vector<std::string> words_of(const graph::ParameterSpec& spec) {
  std::vector<std::string> words(1);
  std::string_view valid = spec.valid;
  while (!valid.empty()) {
    const bool comma = valid.starts_with(", "), either = valid.starts_with(" or ");
    if (comma || either) {
      valid.remove_prefix(comma ? 2 : 4);
      words.emplace_back();
    } else {
      words.back() += valid.front();
      valid.remove_prefix(1);
    }
  }
  return words;
}

std::optional<std::string> fault_of(const graph::ParameterSpec& spec,
                                    const io::RecipeValue& value) {
  if (spec.type == graph::ParameterType::word) return word_fault(spec, value);
  const bool whole = spec.type == graph::ParameterType::integer;
  const auto given = as_number(value);
  if (!given || !std::isfinite(*given))
    return refusal(value, whole ? "is no whole number" : "is no number", spec.valid);
  if (whole && !std::holds_alternative<std::int64_t>(value))
    return refusal(value, "is no whole number", spec.valid);
  const auto range = range_of(spec);
  if (!range) return std::nullopt;
  const bool below = range->least_is_out ? *given <= range->least : *given < range->least;
  if (!below && *given <= range->most) return std::nullopt;
  return refusal(value, "is out of range", spec.valid);
}

}  // namespace sluice::nodes
