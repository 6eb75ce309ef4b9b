#include "apps/common/arguments.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>

#include "apps/common/refuse.h"
#include "nodes/run/net_options.h"
#include "nodes/run/setup.h"
#include "nodes/run/statistics.h"
#include "runtime/error.h"

namespace sluice::apps {
namespace {

std::string option_help(std::string_view help, std::string_view valid, std::string_view otherwise) {
  std::string text(help);
  if (!valid.empty()) text += fmt::format("; {}", valid);
  if (!otherwise.empty()) text += fmt::format(" (default {})", otherwise);
  return text;
}

// VGG's variants are known as configurations.
void add_key_flags(const std::string& program, CLI::App& verb, Arguments& arguments) {
  for (const io::RecipeKey& key : io::recipe_keys()) {
    if (key.flag.empty()) continue;
    const bool configuration = program == "sluice-vgg" && key.key == "net.variant";
    const bool is_switch = key.type == io::ValueType::boolean;
    verb.add_option_function<std::string>(
            std::string(key.flag) + (configuration ? ",--config" : ""),
            [&arguments, &key, is_switch](const std::string& text) {
              if (key.key == "train.epochs") arguments.epochs_given = true;
              arguments.sets.emplace_back(key.key, is_switch && text.empty() ? "true" : text);
            },
            option_help(key.help, key.valid, key.default_value))
        ->expected(is_switch ? 0 : 1, 1)
        ->group(fmt::format("Recipe keys ({}.*)", key.key.substr(0, key.key.find('.'))));
  }
}

void add_chain_flags(CLI::App& verb, Arguments& arguments) {
  for (const io::ChainFlag& flag : io::chain_flags()) {
    verb.add_option_function<std::string>(
            std::string(flag.flag),
            [&arguments, &flag](const std::string& text) {
              std::string value = text;
              if (!flag.words.empty()) {
                const auto word = std::find_if(flag.words.begin(), flag.words.end(),
                                               [&](const auto& w) { return w.first == text; });
                std::string valid;
                for (const auto& w : flag.words)
                  valid += fmt::format("{}{}", valid.empty() ? "" : ", ", w.first);
                require(word != flag.words.end(), "{} '{}' is not known; valid: {}", flag.flag,
                        text, valid);
                value = word->second;
              }
              arguments.sets.emplace_back(flag.key, value);
            },
            option_help(flag.help, "", ""))
        ->group("Recipe keys (augment.*)");
  }
}

// An option that may be given many times, each a KEY=VALUE.
void add_pairs(CLI::App& verb, const std::string& flag, const std::string& help,
               std::vector<std::pair<std::string, std::string>>& pairs) {
  verb.add_option_function<std::vector<std::string>>(
          flag,
          [flag, &pairs](const std::vector<std::string>& texts) {
            for (const std::string& text : texts) {
              const std::size_t equals = text.find('=');
              require(equals != std::string::npos, "{} '{}'; valid: KEY=VALUE", flag, text);
              pairs.emplace_back(text.substr(0, equals), text.substr(equals + 1));
            }
          },
          help)
      ->expected(1)
      ->take_all();
}

void add_common(const std::string& program, CLI::App& verb, Arguments& arguments) {
  verb.add_option("--recipe", arguments.recipe_file,
                  "recipe file (TOML); flags and --set go over it");
  verb.add_flag("--json", arguments.json, "the result as one JSON document on stdout");
  verb.add_flag("--quiet", arguments.quiet, "no progress on stderr");
  add_key_flags(program, verb, arguments);
  add_chain_flags(verb, arguments);
  add_pairs(verb, "--set",
            "KEY=VALUE: any recipe key, or augment.NODE.PARAMETER; goes over the flags",
            arguments.sets);
}

// Only VGG has a configuration A. Who names a file twice may mean either.
void add_from_config_a(CLI::App& train, Arguments& arguments) {
  train
      .add_option_function<std::string>(
          "--from-config-a",
          [&arguments](const std::string& file) {
            arguments.sets.emplace_back("train.from", file);
            arguments.sets.emplace_back("train.from_layers", "config-a");
          },
          "weights of VGG's A: its first four convolutions and last three layers start a deeper "
          "net")
      ->excludes("--new-head")
      ->excludes("--from");
}

void add_trace(CLI::App& verb, Arguments& arguments) {
  CLI::Option* trace =
      verb.add_flag("--trace", arguments.trace,
                    "what each thread and device did when, as trace.json in the run folder, for "
                    "ui.perfetto.dev");
  verb.add_option("--trace-spans", arguments.trace_spans,
                  "most spans that --trace keeps, the first ones (default 400000)")
      ->check(CLI::Range(0, 10'000'000))
      ->needs(trace);
}

void add_train(CLI::App& train, Arguments& arguments) {
  train.add_option("--out", arguments.out, "run folder to make (default runs/NET-DATE-TIME)");
  train.add_flag("--resume", arguments.resume,
                 "go on with the run in --out from its newest checkpoint, or start it");
  train.add_flag_callback(
      "--new-head", [&arguments] { arguments.sets.emplace_back("train.from_layers", "body"); },
      "with --from: all layers but the last, which starts anew");
  add_trace(train, arguments);
  add_pairs(
      train, "--amend",
      "KEY=VALUE: with --resume, a rate or schedule key from that step on; logged in the recipe",
      arguments.amends);
}

constexpr double kDay = 86'400.0;  // the longest that seconds and milliseconds may say

}  // namespace

Parsed parse_arguments(const std::string& program, const std::string& about, int argc,
                       const char* const* argv) {
  Parsed parsed;
  Arguments& arguments = parsed.arguments;
  CLI::App app(about, program);
  app.require_subcommand(0, 1);
  bool keys = false;
  app.add_flag("--keys", keys, "print every flag and recipe key as a Markdown table");
  CLI::App* train = app.add_subcommand("train", "train a net on a folder of images");
  add_train(*train, arguments);
  CLI::App* evaluate = app.add_subcommand("evaluate", "how right a trained net is on a folder");
  evaluate->add_option("--weights", arguments.weights, "weights.safetensors of a run")->required();
  evaluate
      ->add_option("--report", arguments.report,
                   "also write a page with the confusion matrix, one HTML file")
      ->check([](const std::string& file) {
        return std::string(file.empty() ? "it needs the name of a file" : "");
      });
  CLI::App* profile =
      app.add_subcommand("profile", "how fast each node is on any folder of images");
  profile->add_option("--out", arguments.out, "run folder to make (default none)");
  add_trace(*profile, arguments);
  profile->add_option("--seconds", arguments.seconds, "stop after this time")
      ->check(CLI::Range(0.001, kDay));
  profile->add_option(
      "--until", arguments.until,
      "last node to run: decode, a node of the chain, collate, forward, backward or update");
  profile
      ->add_option("--assume-step-ms", arguments.assume_step_ms,
                   "train on a stand-in that only waits this long a step")
      ->check(CLI::Range(0.0, kDay));
  profile
      ->add_option("--predict-threads", arguments.predict_threads,
                   "predict the rate for these numbers of threads, such as 1,2,4,8")
      ->delimiter(',')
      ->check(CLI::Range(1, 1024));
  CLI::App* describe = app.add_subcommand("describe", "layers, shapes, parameters, cost, memory");
  describe->add_flag("--measure", arguments.measure,
                     "run a step on zeros and tell the memory it took beside what is planned");
  describe->add_flag("--toml", arguments.toml,
                     "print the complete recipe instead, as --recipe reads it");
  for (CLI::App* verb : {train, evaluate, profile, describe}) add_common(program, *verb, arguments);
  for (CLI::App* verb : {train, profile})
    verb->add_flag("--layers", arguments.layers,
                   "also time each layer of the net in each step (onednn, reference)");
  if (program == "sluice-vgg") add_from_config_a(*train, arguments);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp& help) {
    app.exit(help, std::cout, std::cerr);
    parsed.help_shown = true;
    return parsed;
  } catch (const CLI::ExtrasError& error) {
    refuse(app, error.what());
  } catch (const CLI::RequiredError& error) {
    refuse(app, error.what());
  } catch (const CLI::ParseError& error) {
    fail(ErrorKind::usage, "{}", error.what());
  }
  if (keys) {
    fmt::print("{}", keys_table());
    parsed.help_shown = true;
    return parsed;
  }
  if (app.get_subcommands().empty()) refuse(app, "no verb given");
  arguments.verb = app.get_subcommands().front()->get_name();
  return parsed;
}

namespace {

void require_net(const io::Recipe& recipe, const std::string& net) {
  require(recipe.text("net.name") == net, "net.name = '{}'; this program trains '{}'",
          recipe.text("net.name"), net);
}

// The last word of the command line, else the recipe file's, else the net's own: it decides what
// everything else starts from.
std::string chosen_variant(const std::string& net, const Arguments& arguments,
                           const std::string& recipe_text) {
  io::Recipe file;
  file.set("net.name", net);
  file.set("net.variant", nodes::default_variant(net));
  if (!arguments.recipe_file.empty()) file.load_text(recipe_text, arguments.recipe_file);
  require_net(file, net);
  std::string variant = file.text("net.variant");
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
      {"evaluate", {"augment."}, "evaluate takes the input chain that stands in the weights"},
      {"evaluate", {"net."}, "evaluate takes the net that stands in the weights"},
      {"evaluate",
       {"data.orientation"},
       "evaluate reads files as the training run did that stands in the weights"},
      {"evaluate",
       {"train.", "seed", "data.max_bad", "run.dump", "run.checkpoint_every",
        "run.keep_checkpoints"},
       "evaluate trains nothing"},
      {"profile",
       {"train.steps", "run.checkpoint_every", "run.keep_checkpoints", "data.val_fraction",
        "data.max_bad", "evaluate."},
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
  const std::string file =
      arguments.recipe_file.empty() ? std::string{} : io::read_recipe(arguments.recipe_file);
  io::Recipe recipe =
      base ? *base : nodes::default_recipe(net, chosen_variant(net, arguments, file));
  if (arguments.verb == "profile" && !arguments.seconds) recipe.set("train.epochs", "1");
  if (arguments.verb == "profile" && arguments.seconds) recipe.set("train.epochs", "100000");
  if (!arguments.recipe_file.empty()) recipe.load_text(file, arguments.recipe_file);
  if (!answers_for_itself(arguments)) recipe.said.emplace();
  for (const auto& [key, value] : arguments.sets) {
    recipe.set(key, value);  // first: a word that is no key at all says so
    require_said_to(arguments.verb, key);
    if (recipe.said) recipe.said->insert(key);
  }
  nodes::check_chain(recipe);
  require_net(recipe, net);
  return recipe;
}

namespace {

// What `--resume` may do to a key.
std::string_view resume_word(io::Change change) {
  if (change == io::Change::free) return "yes";
  return change == io::Change::amending ? "`--amend`" : "";
}

}  // namespace

std::string keys_table() {
  std::string text =
      "| flag | recipe key | default | valid | on resume | meaning |\n|---|---|---|---|---|---|\n";
  const auto escape = [](std::string_view words) {
    std::string escaped;
    for (const char c : words) escaped += c == '|' ? std::string("\\|") : std::string(1, c);
    return escaped;
  };
  for (const io::RecipeKey& key : io::recipe_keys()) {
    text += fmt::format("| {} | `{}` | {} | {} | {} | {} |\n",
                        key.flag.empty() ? "" : fmt::format("`{}`", key.flag), key.key,
                        key.default_value, escape(key.valid), resume_word(key.change), key.help);
  }
  for (const io::ChainFlag& flag : io::chain_flags()) {
    text += fmt::format("| `{}` | `{}` | | | | {} |\n", flag.flag, flag.key, flag.help);
  }
  return text;
}

}  // namespace sluice::apps
