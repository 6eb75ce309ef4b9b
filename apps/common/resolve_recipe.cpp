// What a command line comes to: defaults, recipe file, options; and what is wrong with them.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>

#include "apps/common/arguments.h"
#include "apps/common/said_where.h"
#include "nodes/chain_edits.h"
#include "nodes/chain_faults.h"
#include "nodes/run/net_options.h"
#include "nodes/run/setup.h"
#include "nodes/run/statistics.h"
#include "runtime/error.h"

namespace sluice::apps {
namespace {

void require_net(const io::Recipe& recipe, const std::string& net) {
  require(recipe.text("net.name") == net, "net.name = '{}'; this program trains '{}'",
          recipe.text("net.name"), net);
}

// Does one thing of several; what is wrong with it is kept.
template <class Work>
void attempt(std::vector<std::string>& faults, const Work& work) {
  try {
    work();
  } catch (const Faults& several) {
    faults.insert(faults.end(), several.lines().begin(), several.lines().end());
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::usage) throw;
    faults.emplace_back(error.what());
  }
}

void append(std::vector<std::string>& to, const std::vector<std::string>& more) {
  to.insert(to.end(), more.begin(), more.end());
}

// "recipe.toml:12:3: ..." -> 12; faults of no place come last.
int line_of(const std::string& fault, const std::string& source) {
  int line = std::numeric_limits<int>::max();
  if (!fault.starts_with(source + ":")) return line;
  const char* begin = fault.data() + source.size() + 1;
  std::from_chars(begin, fault.data() + fault.size(), line);
  return line;
}

void throw_faults(std::vector<std::string> faults, const std::string& source) {
  if (faults.empty()) return;
  std::ranges::stable_sort(faults, {}, [&](const auto& f) { return line_of(f, source); });
  throw Faults(ErrorKind::usage, std::move(faults));
}

// A recipe file: its text, and what it says for itself.
struct RecipeFile {
  std::string name;  // empty: none was given
  std::string text;
  io::Recipe recipe;
};

// Throws all of the file's faults; those that only show together with the defaults come later.
RecipeFile read_file(const std::string& net, const Arguments& arguments) {
  RecipeFile file{.name = arguments.recipe_file, .text = {}, .recipe = {}};
  file.recipe.set("net.name", net);
  file.recipe.set("net.variant", nodes::default_variant(net));
  if (file.name.empty()) return file;
  file.text = io::read_recipe(file.name);
  std::vector<std::string> faults;
  file.recipe.load_text(file.text, file.name, faults);
  const auto placed = [&](std::string_view key, const auto& check) {
    attempt(faults, [&] {
      try {
        check();
      } catch (const Error& error) {
        fail(error.kind(), "{}{}", file.recipe.place_prefix(key), error.what());
      }
    });
  };
  placed("net.name", [&] { require_net(file.recipe, net); });
  placed("net.variant", [&] { nodes::default_recipe(net, file.recipe.text("net.variant")); });
  append(faults, nodes::chain_faults(file.recipe.augment));
  append(faults, nodes::chain_faults(file.recipe.evaluation, "evaluation"));
  throw_faults(std::move(faults), file.name);
  return file;
}

// The last word of the command line, else the recipe file's, else the net's own: it decides what
// everything else starts from.
std::string chosen_variant(const Arguments& arguments, const RecipeFile& file) {
  std::string variant = file.recipe.text("net.variant");
  for (const auto& [key, value] : arguments.sets)
    if (key == "net.variant") variant = value;
  return variant;
}

// Keys that a verb does not look at, by how they begin, and why.
struct Unheard {
  std::string_view verb;
  std::vector<std::string_view> keys;
  std::string_view why;
};

const std::vector<Unheard>& unheard() {
  static const std::vector<Unheard> kUnheard = {
      {"evaluate",
       {"augment.", "chain.", "evaluation."},
       "evaluate takes the input chain that stands in the weights"},
      {"evaluate", {"net."}, "evaluate takes the net that stands in the weights"},
      {"evaluate",
       {"data.orientation"},
       "evaluate reads files as the training run did that stands in the weights"},
      {"evaluate",
       {"train.", "seed", "data.max_bad", "run.dump", "run.checkpoint_every",
        "run.keep_checkpoints"},
       "evaluate trains nothing"},
      {"predict",
       {"augment.", "chain.", "evaluation."},
       "predict takes the input chain that stands in the weights"},
      {"predict", {"net."}, "predict takes the net that stands in the weights"},
      {"predict",
       {"data.", "evaluate.split"},
       "predict looks at the files that it is given, and reads them as the training run did"},
      {"predict",
       {"train.", "seed", "run.dump", "run.checkpoint_every", "run.keep_checkpoints"},
       "predict trains nothing"},
      {"pictures",
       {"augment.", "chain.", "evaluation."},
       "pictures takes the input chain that stands in the weights"},
      {"pictures", {"net."}, "pictures takes the net that stands in the weights"},
      {"pictures",
       {"data.", "evaluate."},
       "pictures looks at the files that it is given, and reads them as the training run did"},
      {"pictures",
       {"train.", "seed", "run.dump", "run.checkpoint_every", "run.keep_checkpoints"},
       "pictures trains nothing"},
      {"import",
       {"data.", "evaluate.", "train.", "run.", "seed"},
       "import trains nothing and looks at no images"},
      {"profile",
       {"train.steps", "run.checkpoint_every", "run.keep_checkpoints", "data.val_fraction",
        "data.max_bad", "evaluate.", "evaluation."},
       "profile runs over all files for --epochs or --seconds, and keeps nothing"}};
  return kUnheard;
}

// Images at once are the one thing that evaluating shares with training.
void require_said_to(std::string_view verb, std::string_view key) {
  if (key == "train.batch") return;
  for (const Unheard& entry : unheard()) {
    if (entry.verb != verb) continue;
    for (const std::string_view begin : entry.keys)
      require(!key.starts_with(begin), "{}; {} changes nothing here", entry.why, key);
  }
}

void change_chain(io::Recipe& recipe, const Arguments& arguments,
                  std::vector<std::string>& faults) {
  for (const auto& [name, with] : arguments.swaps) {
    attempt(faults, [&, &name = name, &with = with] {
      require_said_to(arguments.verb, "augment." + name);
      if (with.empty()) {
        nodes::drop_node(recipe.augment, name);
      } else {
        nodes::swap_node(recipe.augment, name, with);
      }
    });
  }
}

void set_keys(io::Recipe& recipe, const Arguments& arguments, std::vector<std::string>& faults) {
  for (const auto& [key, value] : arguments.sets) {
    attempt(faults, [&, &key = key, &value = value] {
      recipe.set(key, value);  // first: a word that is no key at all says so
      require_said_to(arguments.verb, key);
      if (recipe.said) recipe.said->insert(key);
    });
  }
}

// A recipe file without options beside it that could make its keys idle.
bool answers_for_itself(const Arguments& arguments) {
  return std::ranges::none_of(arguments.sets, [](const auto& set) {
    const std::string_view key = set.first;
    return key.starts_with("net.") || key.starts_with("train.") || key.starts_with("run.");
  });
}

}  // namespace

io::Recipe resolve_recipe(const std::string& net, const Arguments& arguments,
                          const std::optional<io::Recipe>& base) {
  const RecipeFile file = read_file(net, arguments);
  io::Recipe recipe = base ? *base : nodes::default_recipe(net, chosen_variant(arguments, file));
  if (arguments.verb == "profile" && !arguments.seconds) recipe.set("train.epochs", "1");
  if (arguments.verb == "profile" && arguments.seconds) recipe.set("train.epochs", "100000");
  if (!file.name.empty()) recipe.load_text(file.text, file.name);
  if (!answers_for_itself(arguments)) recipe.said.emplace();
  std::vector<std::string> faults;
  change_chain(recipe, arguments, faults);
  set_keys(recipe, arguments, faults);
  append(faults, nodes::chain_faults(recipe.augment));
  append(faults, nodes::chain_faults(recipe.evaluation, "evaluation"));
  throw_faults(std::move(faults), file.name);
  said_where(recipe, [&] { nodes::check_chain(recipe); });
  require_net(recipe, net);
  return recipe;
}

}  // namespace sluice::apps
