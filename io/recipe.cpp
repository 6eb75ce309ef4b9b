#include "io/recipe.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include "io/nearest.h"
#include "io/text.h"
#include "runtime/error.h"

namespace sluice::io {
namespace {

std::vector<std::string_view> split_at(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

template <class T>
std::optional<T> parse_number(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string type_word(ValueType type) {
  switch (type) {
    case ValueType::boolean:
      return "true or false";
    case ValueType::integer:
      return "a whole number";
    case ValueType::real:
      return "a number";
    case ValueType::text:
      return "text";
  }
  return "?";
}

// Text of a command line as the key's type.
RecipeValue parse_value(const RecipeKey& key, std::string_view text) {
  if (key.type == ValueType::text) return std::string(text);
  if (key.type == ValueType::boolean && (text == "true" || text == "false")) return text == "true";
  if (key.type == ValueType::integer) {
    if (const auto value = parse_number<std::int64_t>(text)) return *value;
  }
  if (key.type == ValueType::real) {
    if (const auto value = parse_number<double>(text); value && std::isfinite(*value))
      return *value;
  }
  fail(ErrorKind::usage, "{} = '{}' is not {}; valid: {}", key.key, text, type_word(key.type),
       key.valid);
}

// Text of a command line as whatever it looks like (chain parameters are checked by their node).
RecipeValue guess_value(std::string_view text) {
  if (text == "true" || text == "false") return text == "true";
  if (const auto value = parse_number<std::int64_t>(text)) return *value;
  if (const auto value = parse_number<double>(text)) return *value;
  return std::string(text);
}

void check_range(const RecipeKey& key, double value) {
  const std::size_t to = key.valid.find(" to ");
  if (to == std::string_view::npos) return;
  const auto low = parse_number<double>(key.valid.substr(0, to));
  const auto high = parse_number<double>(key.valid.substr(to + 4));
  if (low && high && (value < *low || value > *high || std::isnan(value))) {
    fail(ErrorKind::usage, "{} = {} is out of range; valid: {}", key.key, value, key.valid);
  }
}

// "variant or LOW to HIGH": a number that a net's variant decides unless it is given.
constexpr std::string_view kVariantOr = "variant or ";

void check_number_or_variant(const RecipeKey& key, const std::string& value) {
  if (value == "variant") return;
  const auto number = parse_number<double>(value);
  require(number.has_value() && std::isfinite(*number), "{} = '{}' is not known; valid: {}",
          key.key, value, key.valid);
  RecipeKey range = key;
  range.valid.remove_prefix(kVariantOr.size());
  check_range(range, *number);
}

void check_word(const RecipeKey& key, const std::string& value) {
  if (key.valid.empty()) return;
  if (key.valid.starts_with(kVariantOr)) return check_number_or_variant(key, value);
  if (key.valid.starts_with("auto or bytes")) {
    if (value != "auto") parse_bytes(value, key.key);
    return;
  }
  const auto words = split_at(key.valid, '|');
  if (std::find(words.begin(), words.end(), value) == words.end()) {
    const std::vector<std::string> names(words.begin(), words.end());
    fail(ErrorKind::usage, "{} = '{}' is not known{}; valid: {}", key.key, value,
         did_you_mean(value, names), fmt::join(words, ", "));
  }
}

}  // namespace

std::string place_prefix(const ChainEntry& entry, std::string_view parameter) {
  const auto own = entry.places.find(parameter);
  if (own != entry.places.end()) return own->second + ": ";
  const bool was_set =
      std::ranges::any_of(entry.parameters, [&](const auto& p) { return p.first == parameter; });
  return was_set || entry.place.empty() ? std::string() : entry.place + ": ";
}

ChainEntry* find_entry(std::vector<ChainEntry>& chain, std::string_view name) {
  const auto it = std::ranges::find(chain, name, &ChainEntry::name);
  return it == chain.end() ? nullptr : &*it;
}

const RecipeKey& find_recipe_key(std::string_view name) {
  const auto keys = recipe_keys();
  const auto it =
      std::find_if(keys.begin(), keys.end(), [&](const auto& k) { return k.key == name; });
  if (it != keys.end()) return *it;
  std::vector<std::string> valid;
  for (const RecipeKey& key : keys) valid.emplace_back(key.key);
  fail(ErrorKind::usage, "unknown recipe key '{}'{}; valid: {}, augment.NODE.PARAMETER", name,
       did_you_mean(name, valid), fmt::join(valid, ", "));
}

Recipe::Recipe() {
  for (const RecipeKey& key : recipe_keys()) {
    values_.emplace(std::string(key.key), parse_value(key, key.default_value));
  }
}

void Recipe::assign(const RecipeKey& key, RecipeValue value) {
  if (key.type == ValueType::real && std::holds_alternative<std::int64_t>(value)) {
    value = static_cast<double>(std::get<std::int64_t>(value));
  }
  const bool is_number =
      std::holds_alternative<std::int64_t>(value) || std::holds_alternative<double>(value);
  if (key.valid.starts_with(kVariantOr) && is_number) value = to_text(value);
  const bool fits = value.index() == static_cast<std::size_t>(key.type);
  require(fits, "{} = {} is not {}; valid: {}", key.key, to_text(value), type_word(key.type),
          key.valid);
  if (const auto* number = std::get_if<std::int64_t>(&value))
    check_range(key, static_cast<double>(*number));
  if (const auto* number = std::get_if<double>(&value)) check_range(key, *number);
  if (const auto* word = std::get_if<std::string>(&value)) check_word(key, *word);
  values_.find(key.key)->second = std::move(value);
  places_.erase(std::string(key.key));
}

void Recipe::set(std::string_view key, std::string_view text) {
  if (key.starts_with("augment.") || key.starts_with("chain.") || key.starts_with("evaluation.")) {
    set_in_chain(key, text);
    return;
  }
  const RecipeKey& spec = find_recipe_key(key);
  assign(spec, parse_value(spec, text));
}

void Recipe::set_in_chain(std::string_view path, std::string_view text) {
  const auto parts = split_at(path, '.');
  require(parts.size() == 3, "unknown recipe key '{}'; valid: {}.NODE.PARAMETER", path, parts[0]);
  std::vector<ChainEntry>& chain = parts[0] == "evaluation" ? evaluation : augment;
  ChainEntry* const entry = find_entry(chain, parts[1]);
  if (entry == nullptr) {
    std::vector<std::string> names;
    for (const ChainEntry& e : chain) names.push_back(e.name);
    fail(ErrorKind::usage, "{}: the chain has no node '{}'{}; it has: {}", path, parts[1],
         did_you_mean(parts[1], names), fmt::join(names, ", "));
  }
  RecipeValue value = guess_value(text);
  if (parts[2] == "use") {
    require(std::holds_alternative<bool>(value), "{} = '{}'; valid: true, false", path, text);
    entry->use = std::get<bool>(value);
    return;
  }
  require(is_bare_key(parts[2]) && parts[2] != "node" && parts[2] != "name",
          "{}: '{}' is no parameter's name; valid: letters, digits, - and _, not node and name",
          path, parts[2]);
  entry->places.erase(std::string(parts[2]));
  for (auto& [name, old] : entry->parameters) {
    if (name == parts[2]) {
      old = std::move(value);
      return;
    }
  }
  entry->parameters.emplace_back(parts[2], std::move(value));
}

std::string Recipe::place_prefix(std::string_view key) const {
  const auto place = places_.find(key);
  return place == places_.end() ? std::string() : place->second + ": ";
}

void Recipe::amend(std::int64_t step, std::string_view key, std::string_view text) {
  Amendment amendment{step, std::string(key), parse_value(find_recipe_key(key), text)};
  std::erase_if(amendments,
                [&](const Amendment& old) { return old.key == key && old.step >= step; });
  amend(std::move(amendment));
}

std::int64_t Recipe::integer(std::string_view key) const {
  return std::get<std::int64_t>(values_.find(key)->second);
}
double Recipe::real(std::string_view key) const {
  return std::get<double>(values_.find(key)->second);
}
bool Recipe::boolean(std::string_view key) const {
  return std::get<bool>(values_.find(key)->second);
}
const std::string& Recipe::text(std::string_view key) const {
  return std::get<std::string>(values_.find(key)->second);
}

std::size_t parse_bytes(std::string_view text, std::string_view what) {
  std::string_view digits = text;
  double unit = 1.0;
  if (digits.ends_with("iB"))
    digits.remove_suffix(2);
  else if (digits.ends_with("B"))
    digits.remove_suffix(1);
  const std::string_view letters = "KMGT";
  if (!digits.empty()) {
    const std::size_t power = letters.find(digits.back());
    if (power != std::string_view::npos) {
      unit = std::ldexp(1.0, 10 * (static_cast<int>(power) + 1));
      digits.remove_suffix(1);
    }
  }
  const auto value = parse_number<double>(digits);
  if (!value || !(*value >= 0) || *value * unit > 1e18) {
    fail(ErrorKind::usage, "{} = '{}' is not a number of bytes; valid: 1500000, 512M, 2G", what,
         text);
  }
  return static_cast<std::size_t>(*value * unit);
}

std::string format_bytes(std::size_t bytes) {
  const auto value = static_cast<double>(bytes);
  if (bytes >= std::size_t{1} << 30) return fmt::format("{:.2f} GiB", value / (1 << 30));
  if (bytes >= std::size_t{1} << 20) return fmt::format("{:.1f} MiB", value / (1 << 20));
  return fmt::format("{:.1f} KiB", value / 1024);
}

}  // namespace sluice::io
