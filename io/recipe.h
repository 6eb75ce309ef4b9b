// A recipe: everything that decides what a run does, as keys with values and a chain of augment
// nodes. One table (`recipe_keys`) gives the command line, the help, the checks and the file.
// Values; one thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace sluice::io {

using RecipeValue = std::variant<bool, std::int64_t, double, std::string>;

enum class ValueType { boolean, integer, real, text };

// What a run that is resumed may do to a key.
enum class Change : std::uint8_t {
  refused,   // it decides what the run computes
  amending,  // a rate or a schedule: on purpose, from a step on (`Recipe::amend`)
  free,      // where files lie, when to end, what of the machine to use
};

struct RecipeKey {
  std::string_view key;   // "train.batch"
  std::string_view flag;  // "--batch"; empty: only --set and files
  ValueType type = ValueType::text;
  std::string_view default_value;
  // "1 to 65536", "plateau|constant|steps", "" for any text; a text key of "variant or 0 to 1"
  // takes that word or such a number.
  std::string_view valid;
  std::string_view help;
  Change change = Change::refused;
};

// Every key that is not part of the chain.
std::span<const RecipeKey> recipe_keys();

// Flags that change the chain: `--mean rgb` is `augment.mean.from=rgb`.
struct ChainFlag {
  std::string_view flag;
  std::string_view key;  // "augment.mean.from"
  std::vector<std::pair<std::string_view, std::string_view>>
      words;  // flag's word -> value; empty: as it is
  std::string_view help;
};
std::span<const ChainFlag> chain_flags();

// One node of the chain. In a file: [[augment]] node = "flip", probability = 0.5; `name` where a
// node is used twice, `use = false` to leave it out.
struct ChainEntry {
  std::string node;
  std::string name;  // unique; the node's own name unless given
  bool use = true;
  std::vector<std::pair<std::string, RecipeValue>> parameters;
  // Where a file says so, "recipe.toml:12:1"; empty: it comes from elsewhere. Only for messages.
  std::string place{};
  std::map<std::string, std::string, std::less<>> places{};  // of parameters
};

// Where the entry, or one of its parameters, is said: "recipe.toml:12:3: ", or nothing.
std::string place_prefix(const ChainEntry& entry, std::string_view parameter = {});

// A chain has at most one node of a name.
ChainEntry* find_entry(std::vector<ChainEntry>& chain, std::string_view name);

// A key's value from a step on: before that step (counted from 0) is run. In a file: [[amend]] step
// = 1200, key = "train.rate", value = 0.001.
struct Amendment {
  std::int64_t step = 0;
  std::string key;
  RecipeValue value;

  friend bool operator==(const Amendment&, const Amendment&) = default;
};

class Recipe {
 public:
  // All keys at their defaults, an empty chain.
  Recipe();

  // `key=value` as on the command line; `augment.NAME.PARAMETER` (or chain.NAME.PARAMETER) reaches
  // into the chain, evaluation.NAME.PARAMETER into the evaluation's own. Throws Error{usage} naming
  // the key and what would be valid.
  void set(std::string_view key, std::string_view text);
  // Reads a TOML file over what is set. A file with [[augment]] replaces the chain, one with
  // [[evaluation]] the evaluation's. Throws Faults with file, line and column of each.
  void load(const std::filesystem::path& file);
  // The same from text; `source` stands in messages.
  void load_text(std::string_view toml, const std::string& source);
  // The same; what is wrong is left out and said in `faults`, so that more can be found. Throws
  // Error{usage} where the text is no TOML.
  void load_text(std::string_view toml, const std::string& source,
                 std::vector<std::string>& faults);

  std::int64_t integer(std::string_view key) const;
  double real(std::string_view key) const;
  bool boolean(std::string_view key) const;
  const std::string& text(std::string_view key) const;

  // "recipe.toml:12:3: " of a key that a file set and nothing set since; else nothing.
  std::string place_prefix(std::string_view key) const;

  // Complete and resolved: loading it gives this recipe again.
  std::string to_toml() const;

  // The key's value from `step` on: amendments of that key at this step and later ones go. Throws
  // Error{usage} for a key that is neither a rate nor of a schedule.
  void amend(std::int64_t step, std::string_view key, std::string_view text);
  // Adds an amendment, or replaces the one of that step and key.
  void amend(Amendment amendment);
  // This recipe with the values that its amendments before `step` set, and without amendments.
  Recipe amended_before(std::int64_t step) const;

  // Whether the user named the key just now, not a file that was written for other options.
  bool says(std::string_view key) const { return !said || said->contains(key); }

  std::vector<ChainEntry> augment;
  std::vector<ChainEntry> evaluation;  // the chain for testing; empty: it follows from `augment`
  std::optional<std::set<std::string, std::less<>>> said{};  // none: not known, taken for all keys
  std::vector<Amendment> amendments;  // by step; `amend` and files keep them so

 private:
  friend std::vector<std::string> recipe_differences(const Recipe& was, const Recipe& now);
  void assign(const RecipeKey& key, RecipeValue value);
  void set_in_chain(std::string_view path, std::string_view text);
  std::map<std::string, RecipeValue, std::less<>> values_;
  std::map<std::string, std::string, std::less<>> places_;  // of keys, for messages
};

// What is not the same in two recipes, but for amendments and keys that may change freely, as
// words: "train.batch was 128, now 64".
std::vector<std::string> recipe_differences(const Recipe& was, const Recipe& now);

// The key of a name; throws Error{usage} that lists the valid ones.
const RecipeKey& find_recipe_key(std::string_view name);

// The text of a recipe file, for who looks at it twice. Throws Error{usage} like `Recipe::load`.
std::string read_recipe(const std::filesystem::path& file);

// [[augment]] tables of a chain and back: what weight files carry. `table`: another name for them.
std::string chain_to_toml(std::span<const ChainEntry> chain, std::string_view table = "augment");
std::vector<ChainEntry> chain_from_toml(std::string_view toml, const std::string& source);

// "1500000", "512M", "2G", "1.5GiB" -> bytes (K, M, G are powers of 1024). Throws Error{usage}
// naming `what`.
std::size_t parse_bytes(std::string_view text, std::string_view what);
// "2.5 GB"-like text for people (powers of 1024: KiB, MiB, GiB).
std::string format_bytes(std::size_t bytes);

// A value as TOML writes it.
std::string to_text(const RecipeValue& value);

}  // namespace sluice::io
