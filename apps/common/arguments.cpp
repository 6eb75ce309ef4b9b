#include "apps/common/arguments.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>

#include "apps/common/refuse.h"
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
  add_pairs(
      verb, "--set",
      "KEY=VALUE: any recipe key, or augment.NODE.PARAMETER (also chain.NODE.PARAMETER); goes "
      "over the flags",
      arguments.sets);
  add_chain_edits(verb, arguments.swaps);
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

void add_profile(CLI::App& profile, Arguments& arguments) {
  profile.add_option("--out", arguments.out, "run folder to make (default none)");
  add_trace(profile, arguments);
  profile.add_option("--seconds", arguments.seconds, "stop after this time")
      ->check(CLI::Range(0.001, kDay));
  profile.add_option(
      "--until", arguments.until,
      "last node to run: decode, a node of the chain, collate, forward, backward or update");
  profile
      .add_option("--assume-step-ms", arguments.assume_step_ms,
                  "train on a stand-in that only waits this long a step")
      ->check(CLI::Range(0.0, kDay));
  profile
      .add_option("--predict-threads", arguments.predict_threads,
                  "predict the rate for these numbers of threads, such as 1,2,4,8")
      ->delimiter(',')
      ->check(CLI::Range(1, 1024));
}

}  // namespace

void add_chain_edits(CLI::App& verb, std::vector<std::pair<std::string, std::string>>& swaps) {
  add_pairs(
      verb, "--swap",
      "OLD=NEW: another node in the place of one of the chain; NEW: a node (sluice-lab nodes), "
      "or NODE-WORD, as in rescale-area",
      swaps);
  verb.add_option_function<std::vector<std::string>>(
          "--drop",
          [&swaps](const std::vector<std::string>& names) {
            for (const std::string& name : names) swaps.emplace_back(name, std::string());
          },
          "NAME: takes a node out of the chain; goes before --set, in order with --swap")
      ->expected(1)
      ->take_all();
}

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
  add_evaluate(*evaluate, arguments);
  CLI::App* predict = app.add_subcommand("predict", "what trained nets say to images");
  add_predict(*predict, arguments);
  CLI::App* pictures =
      app.add_subcommand("pictures", "what a trained net looks for, and at in images, as pictures");
  add_pictures(*pictures, arguments);
  CLI::App* profile =
      app.add_subcommand("profile", "how fast each node is on any folder of images");
  add_profile(*profile, arguments);
  CLI::App* describe = app.add_subcommand("describe", "layers, shapes, parameters, cost, memory");
  describe->add_flag("--measure", arguments.measure,
                     "run a step on zeros and tell the memory it took beside what is planned");
  describe->add_flag("--toml", arguments.toml,
                     "print the complete recipe instead, as --recipe reads it");
  for (CLI::App* verb : {train, evaluate, predict, pictures, profile, describe})
    add_common(program, *verb, arguments);
  for (CLI::App* verb : {train, profile})
    verb->add_flag("--layers", arguments.layers,
                   "also time each layer of the net in each step (onednn, reference)");
  if (program == "sluice-vgg") add_from_config_a(*train, arguments);
  add_export(*app.add_subcommand("export", "a trained net for other programs"), arguments);
  CLI::App* import = app.add_subcommand("import", "other programs' weights as ours");
  add_import(*import, arguments);
  add_common(program, *import, arguments);
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
