#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>

#include "io/nearest.h"
#include "io/recipe.h"
#include "io/text.h"
#include "runtime/error.h"

namespace sluice::io {
namespace {

constexpr std::size_t kMostBytes = 1 << 20;
// A key of n dots is a table in a table, n deep, and a call within a call wherever tables are
// walked or freed: 100,000 end the stack.
constexpr std::size_t kMostDots = 4096;

std::string place(const std::string& source, const toml::source_region& region) {
  return fmt::format("{}:{}:{}", source, region.begin.line, region.begin.column);
}

RecipeValue to_value(const toml::node& node, const std::string& key, const std::string& source) {
  if (const auto* value = node.as_boolean()) return value->get();
  if (const auto* value = node.as_integer()) return value->get();
  if (const auto* value = node.as_floating_point()) return value->get();
  if (const auto* value = node.as_string()) return value->get();
  if (const auto* table = node.as_table(); table != nullptr && table->size() == 1) {
    if (const auto* encoded = table->get_as<std::string>("percent"))
      return percent_decoded(encoded->get());
  }
  fail(ErrorKind::usage, "{}: {} must be a number, a text or true/false",
       place(source, node.source()), key);
}

using FaultList = std::vector<std::string>;

// Does one thing of several; what is wrong with it becomes a fault.
template <class Work>
void attempt(FaultList& faults, const Work& work) {
  try {
    work();
  } catch (const Error& error) {
    faults.emplace_back(error.what());
  }
}

void take_name(ChainEntry& entry, const RecipeValue& value, const std::string& at) {
  require(std::holds_alternative<std::string>(value), "{}: name must be a text", at);
  require(is_bare_key(std::get<std::string>(value)),
          "{}: '{}' is no node's name; valid: letters, digits, - and _", at,
          one_line(std::get<std::string>(value)));
  entry.name = std::get<std::string>(value);
}

void take_parameter(ChainEntry& entry, const std::string& name, const toml::node& node,
                    const std::string& source) {
  const std::string at = place(source, node.source());
  require(is_bare_key(name), "{}: '{}' is no parameter's name; valid: letters, digits, - and _", at,
          name);
  RecipeValue parsed = to_value(node, name, source);
  if (name == "name") return take_name(entry, parsed, at);
  if (name == "use") {
    require(std::holds_alternative<bool>(parsed), "{}: use must be true or false", at);
    entry.use = std::get<bool>(parsed);
    return;
  }
  entry.places[name] = at;
  entry.parameters.emplace_back(name, std::move(parsed));
}

ChainEntry to_entry(const toml::table& table, const std::string& what, const std::string& source,
                    FaultList& faults) {
  ChainEntry entry;
  entry.place = place(source, table.source());
  const auto* node = table.get_as<std::string>("node");
  require(node != nullptr, "{}: an [[{}]] table needs node = \"NAME\"", entry.place, what);
  entry.node = node->get();
  entry.name = entry.node;
  for (const auto& [name, value] : table) {
    if (name == "node") continue;
    attempt(faults, [&, &name = name, &value = value] {
      take_parameter(entry, std::string(name.str()), value, source);
    });
  }
  return entry;
}

std::vector<ChainEntry> to_chain(const toml::node& node, const std::string& what,
                                 const std::string& source, FaultList& faults) {
  std::vector<ChainEntry> chain;
  std::set<std::string> names;
  const toml::array* tables = node.as_array();
  require(tables != nullptr, "{}: {} must be [[{}]] tables", place(source, node.source()), what,
          what);
  for (const toml::node& item : *tables) {
    attempt(faults, [&] {
      const std::string at = place(source, item.source());
      require(item.is_table(), "{}: {} must be [[{}]] tables", at, what, what);
      ChainEntry entry = to_entry(*item.as_table(), what, source, faults);
      require(names.insert(entry.name).second,
              "{}: a second node '{}'; give each use of a node its own name = \"...\"", at,
              entry.name);
      chain.push_back(std::move(entry));
    });
  }
  return chain;
}

Amendment to_amendment(const toml::table& table, const std::string& source) {
  const auto* step = table.get_as<std::int64_t>("step");
  const auto* key = table.get_as<std::string>("key");
  const toml::node* value = table.get("value");
  require(step != nullptr && key != nullptr && value != nullptr && table.size() == 3,
          "{}: an [[amend]] table needs step = NUMBER, key = \"KEY\", value = VALUE and no more",
          place(source, table.source()));
  return {step->get(), key->get(), to_value(*value, key->get(), source)};
}

// Hands each amendment to `take`, whose refusals get their place.
template <class Take>
void take_amendments(const toml::node& node, const std::string& source, FaultList& faults,
                     const Take& take) {
  const toml::array* tables = node.as_array();
  require(tables != nullptr, "{}: amend must be [[amend]] tables", place(source, node.source()));
  for (const toml::node& item : *tables) {
    attempt(faults, [&] {
      const std::string at = place(source, item.source());
      require(item.is_table(), "{}: amend must be [[amend]] tables", at);
      Amendment amendment = to_amendment(*item.as_table(), source);
      try {
        take(std::move(amendment));
      } catch (const Error& error) {
        fail(error.kind(), "{}: {}", at, error.what());
      }
    });
  }
}

toml::table parse(std::string_view text, const std::string& source) {
  require(text.size() <= kMostBytes, "{}: {} bytes are too many for a recipe; valid: at most {}",
          source, text.size(), kMostBytes);
  const auto dots = static_cast<std::size_t>(std::count(text.begin(), text.end(), '.'));
  require(dots <= kMostDots, "{}: {} dots are too many for a recipe; valid: at most {}", source,
          dots, kMostDots);
  try {
    return toml::parse(text, source);
  } catch (const toml::parse_error& error) {
    fail(ErrorKind::usage, "{}: {}", place(source, error.source()), error.description());
  }
}

// As it is between single quotes, or with escapes between double ones. toml++'s own writer ends a
// text of several lines at the first three quotes in it.
std::string quoted(const std::string& text) {
  const auto plain = [](char c) {
    return static_cast<unsigned char>(c) >= 0x20 && c != 0x7F && c != '\'';
  };
  if (std::all_of(text.begin(), text.end(), plain)) return '\'' + text + '\'';
  std::string result = "\"";
  for (const char c : text) {
    const auto code = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      result += fmt::format("\\{}", c);
    } else if (code < 0x20 || code == 0x7F) {
      result += fmt::format("\\u{:04x}", code);
    } else {
      result += c;
    }
  }
  return result + '"';
}

const RecipeKey* known_key(std::string_view name) {
  const auto keys = recipe_keys();
  const auto it = std::ranges::find(keys, name, &RecipeKey::key);
  return it == keys.end() ? nullptr : &*it;
}

std::string unknown_key(std::string_view name) {
  std::vector<std::string> valid;
  for (const RecipeKey& key : recipe_keys()) valid.emplace_back(key.key);
  valid.insert(valid.end(), {"[[augment]]", "[[evaluation]]", "[[amend]]"});
  std::vector<std::string> meant = valid;
  meant.insert(meant.end(), {"augment", "evaluation", "amend"});
  return fmt::format("unknown recipe key '{}'{}; valid: {}", name, did_you_mean(name, meant),
                     fmt::join(valid, ", "));
}

std::string key_line(std::string_view name, const RecipeValue& value) {
  return fmt::format("{} = {}\n", name, to_text(value));
}

}  // namespace

std::string to_text(const RecipeValue& value) {
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
  if (const auto* number = std::get_if<std::int64_t>(&value)) return fmt::format("{}", *number);
  if (const auto* number = std::get_if<double>(&value)) {
    std::string text = fmt::format("{}", *number);
    if (text.find_first_of(".en") == std::string::npos) text += ".0";
    return text;
  }
  const std::string& text = std::get<std::string>(value);
  // A path is any bytes, TOML holds UTF-8 only.
  return is_utf8(text) ? quoted(text)
                       : fmt::format("{{ percent = {} }}", quoted(percent_encoded(text)));
}

std::string chain_to_toml(std::span<const ChainEntry> chain, std::string_view table) {
  std::string text;
  for (const ChainEntry& entry : chain) {
    text += fmt::format("\n[[{}]]\n", table) + key_line("node", entry.node);
    if (entry.name != entry.node) text += key_line("name", entry.name);
    if (!entry.use) text += key_line("use", false);
    // By name, as a file's reader gives them back, so that the text does not depend on its history.
    const std::map<std::string, RecipeValue> sorted(entry.parameters.begin(),
                                                    entry.parameters.end());
    for (const auto& [name, value] : sorted) text += key_line(name, value);
  }
  return text;
}

std::vector<ChainEntry> chain_from_toml(std::string_view toml, const std::string& source) {
  const toml::table table = parse(toml, source);
  const toml::node* node = table.get("augment");
  if (node == nullptr) return {};
  FaultList faults;
  auto chain = to_chain(*node, "augment", source, faults);
  if (!faults.empty()) throw Faults(ErrorKind::usage, std::move(faults));
  return chain;
}

std::string read_recipe(const std::filesystem::path& file) {
  std::ifstream in(file);
  in.peek();  // a folder opens, and fails here
  require(in.is_open() && !in.bad(), "recipe {}: cannot be read; give a TOML file",
          one_line(file.string()));
  std::string text(kMostBytes + 1, '\0');  // one more than is right, and never all of /dev/zero
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  require(!in.bad(), "recipe {}: cannot be read to its end", one_line(file.string()));
  return text;
}

void Recipe::load(const std::filesystem::path& file) {
  load_text(read_recipe(file), file.string());
}

void Recipe::load_text(std::string_view text, const std::string& source) {
  std::vector<std::string> faults;
  load_text(text, source, faults);
  if (!faults.empty()) throw Faults(ErrorKind::usage, std::move(faults));
}

void Recipe::load_text(std::string_view text, const std::string& source,
                       std::vector<std::string>& faults) {
  const auto assign_key = [&](const std::string& key, const toml::node& node) {
    const std::string at = place(source, node.source());
    const RecipeKey* spec = known_key(key);
    require(spec != nullptr, "{}: {}", at, unknown_key(key));
    RecipeValue value = to_value(node, key, source);
    try {
      assign(*spec, std::move(value));
    } catch (const Error& error) {
      fail(error.kind(), "{}: {}", at, error.what());
    }
    places_[key] = at;
  };
  const auto take = [&](const std::string& name, const toml::node& node) {
    if (name == "augment") {
      augment = to_chain(node, name, source, faults);
    } else if (name == "evaluation") {
      evaluation = to_chain(node, name, source, faults);
    } else if (name == "amend") {
      amendments.clear();
      take_amendments(node, source, faults,
                      [this](Amendment amendment) { amend(std::move(amendment)); });
    } else if (const toml::table* section = node.as_table()) {
      for (const auto& [inner, value] : *section) {
        attempt(faults, [&, &inner = inner, &value = value] {
          assign_key(fmt::format("{}.{}", name, inner.str()), value);
        });
      }
    } else {
      assign_key(name, node);
    }
  };
  for (const auto& [name, node] : parse(text, source))
    attempt(faults, [&, &name = name, &node = node] { take(std::string(name.str()), node); });
}

std::string Recipe::to_toml() const {
  std::string text = "# Complete and resolved: `--recipe` with this file gives the same run.\n";
  std::string section;
  for (const RecipeKey& key : recipe_keys()) {
    const std::size_t dot = key.key.find('.');
    const auto prefix = dot == std::string_view::npos ? std::string_view{} : key.key.substr(0, dot);
    if (prefix != section) {
      section = prefix;
      text += fmt::format("\n[{}]\n", section);
    }
    const auto name = dot == std::string_view::npos ? key.key : key.key.substr(dot + 1);
    text += key_line(name, values_.find(key.key)->second);
  }
  text += chain_to_toml(augment);
  text += chain_to_toml(evaluation, "evaluation");
  for (const Amendment& amendment : amendments) {
    text += "\n[[amend]]\n" + key_line("step", amendment.step) + key_line("key", amendment.key) +
            key_line("value", amendment.value);
  }
  return text;
}

}  // namespace sluice::io
