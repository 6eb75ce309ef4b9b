// The command line of the net programs: verbs, their own options, and one flag a recipe key.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "apps/common/evaluation.h"
#include "apps/common/interchange.h"
#include "apps/common/pictures.h"
#include "io/recipe.h"

namespace CLI {
class App;
}

namespace sluice::apps {

struct Arguments {
  std::string verb;                                         // "train", "export", ...
  std::string recipe_file;                                  // --recipe
  std::vector<std::pair<std::string, std::string>> sets;    // recipe keys and values, in order
  std::vector<std::pair<std::string, std::string>> amends;  // likewise, from a step on
  // Of --swap OLD=NEW, and of --drop OLD with nothing behind it; in order, before the sets.
  std::vector<std::pair<std::string, std::string>> swaps{};
  std::string out;
  bool resume = false;
  std::string weights;
  std::string report{};  // of evaluate: where its page goes
  std::string until;
  bool trace = false;
  std::optional<std::size_t> trace_spans{};
  std::optional<double> seconds;
  std::optional<double> assume_step_ms;
  std::vector<int> predict_threads{};
  bool layers = false;
  bool measure = false;
  bool toml = false;
  bool json = false;
  bool quiet = false;
  bool epochs_given = false;
  EvaluationArguments evaluation{};
  InterchangeArguments interchange{};
  PicturesArguments pictures{};
};

// Help was asked for and printed, or what to do.
struct Parsed {
  bool help_shown = false;
  Arguments arguments;
};

// Throws Error{usage} naming the option and the valid ones.
Parsed parse_arguments(const std::string& program, const std::string& about, int argc,
                       const char* const* argv);

// Variant's defaults (or `base`: the recipe of a run that goes on), then the recipe file, then
// --swap and --drop, then flags and --set. Throws Faults: all that is wrong with the file, each
// with its place there, else all that is wrong with the options (resolve_recipe.cpp).
io::Recipe resolve_recipe(const std::string& net, const Arguments& arguments,
                          const std::optional<io::Recipe>& base = {});

// --swap and --drop, into a list as Arguments::swaps; `swaps` must stay where it is while the verb
// parses.
void add_chain_edits(CLI::App& verb, std::vector<std::pair<std::string, std::string>>& swaps);

// All flags and recipe keys as a Markdown table, for the README.
std::string keys_table();

}  // namespace sluice::apps
