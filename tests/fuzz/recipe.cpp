// Recipes on any bytes. An input is a TOML text; where it holds a byte 0x1C, what follows are lines
// of `key=value` as on the command line. Checked:
//  * what a recipe writes loads again and then writes the same text;
//  * the same for a chain of augment nodes alone.
#include "io/recipe.h"

#include "tests/fuzz/property.h"

using namespace sluice;
using namespace sluice::io;
using sluice::fuzz::accepted;
using sluice::fuzz::must;

namespace {

constexpr char kNextPart = 0x1C;

void check_round_trip(const Recipe& recipe) {
  const std::string text = recipe.to_toml();
  Recipe again;
  const bool loads = accepted([&] { again.load_text(text, "again.toml"); });
  must(loads, "what a recipe writes can be loaded", text);
  must(again.to_toml() == text, "a recipe that was loaded writes the same text",
       text + "\n---\n" + again.to_toml());
}

void check_chain(std::string_view toml) {
  std::vector<ChainEntry> chain;
  if (!accepted([&] { chain = chain_from_toml(toml, "chain.toml"); })) return;
  const std::string text = chain_to_toml(chain);
  std::vector<ChainEntry> again;
  const bool loads = accepted([&] { again = chain_from_toml(text, "again.toml"); });
  must(loads, "what a chain writes can be loaded", text);
  must(chain_to_toml(again) == text, "a chain that was loaded writes the same text", text);
}

// As `--set key=value`, line by line.
void set_lines(Recipe& recipe, std::string_view lines) {
  while (!lines.empty()) {
    const std::string_view line = lines.substr(0, lines.find('\n'));
    lines.remove_prefix(std::min(line.size() + 1, lines.size()));
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos) continue;
    accepted([&] { recipe.set(line.substr(0, equals), line.substr(equals + 1)); });
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input = fuzz::text_of({data, size});
  const std::size_t cut = input.find(kNextPart);
  const std::string_view toml = input.substr(0, cut);
  check_chain(toml);
  Recipe recipe;
  if (!accepted([&] { recipe.load_text(toml, "recipe.toml"); })) recipe = Recipe();
  if (cut != std::string_view::npos) set_lines(recipe, input.substr(cut + 1));
  check_round_trip(recipe);
  return 0;
}
