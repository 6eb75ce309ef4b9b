#include "apps/common/interchange.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "apps/common/arguments.h"
#include "nodes/run/export_weights.h"
#include "nodes/run/import_weights.h"

namespace sluice::apps {
namespace {

nodes::ExportRequest export_request(const Arguments& arguments) {
  const InterchangeArguments& own = arguments.interchange;
  return {
      .weights = arguments.weights,
      .to = own.to,
      .names =
          own.names == "torchvision" ? nodes::WeightNames::torchvision : nodes::WeightNames::layers,
      .onnx = {.ending = own.with_softmax ? nodes::OnnxEnding::softmax : nodes::OnnxEnding::scores,
               .form = own.dense ? nodes::OnnxForm::dense : nodes::OnnxForm::crop}};
}

// Options of the other format would change nothing.
void check_export(const InterchangeArguments& own) {
  const bool onnx = own.to.ends_with(".onnx");
  require(!onnx || own.names == "sluice",
          "--names {} names tensors of safetensors; valid for .onnx: without it", own.names);
  require(onnx || !(own.with_softmax || own.dense),
          "--with-softmax and --dense shape a graph; valid with --to FILE.onnx");
}

io::ForeignFormat format_of(const Arguments& arguments) {
  const std::string& format = arguments.interchange.format;
  if (format == "pytorch") return io::ForeignFormat::pytorch;
  if (format == "caffe") return io::ForeignFormat::caffe;
  if (format == "safetensors") return io::ForeignFormat::safetensors;
  return io::foreign_format(arguments.weights);
}

// The command line, with what the format starts from in front of it; a recipe file says it itself.
Arguments with_defaults(Arguments arguments, const nodes::ImportDefaults& defaults) {
  if (!arguments.recipe_file.empty()) return arguments;
  arguments.sets.insert(arguments.sets.begin(), defaults.keys.begin(), defaults.keys.end());
  arguments.swaps.insert(arguments.swaps.begin(), defaults.swaps.begin(), defaults.swaps.end());
  return arguments;
}

bool any_begins(const Arguments& arguments, std::string_view beginning) {
  return std::ranges::any_of(arguments.sets,
                             [&](const auto& set) { return set.first.starts_with(beginning); });
}

// Options that say something else of it.
bool changes_net(const Arguments& arguments) { return any_begins(arguments, "net."); }
bool changes_chain(const Arguments& arguments) {
  return !arguments.swaps.empty() || any_begins(arguments, "augment.") ||
         any_begins(arguments, "chain.") || any_begins(arguments, "evaluation.");
}

// What of the file's own words was taken as it is: nothing of somebody else's.
std::vector<std::string> taken_words(const Arguments& arguments,
                                     const nodes::ImportDefaults& defaults) {
  if (!defaults.brought) return {};
  std::vector<std::string> words;
  const bool own_recipe = !arguments.recipe_file.empty();
  if (!own_recipe && !changes_net(arguments)) words.emplace_back("net");
  if (!own_recipe && !changes_chain(arguments)) words.emplace_back("input chain");
  words.emplace_back("statistics");
  if (arguments.interchange.class_names.empty()) words.emplace_back("class names");
  return words;
}

// What both verbs say of the file that they wrote.
template <class Result>
nlohmann::ordered_json written(const Result& result) {
  return {{"file", result.file},       {"format", result.format},
          {"net", result.net},         {"variant", result.variant},
          {"classes", result.classes}, {"parameters", result.parameters}};
}

// A path is any bytes, JSON holds UTF-8 only.
std::string document(const nlohmann::ordered_json& told) {
  return told.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + '\n';
}

}  // namespace

void add_export(CLI::App& verb, Arguments& arguments) {
  InterchangeArguments& own = arguments.interchange;
  verb.add_option("--weights", arguments.weights, "weights.safetensors of a run")->required();
  verb.add_option("--to", own.to, "file to write: NAME.safetensors or NAME.onnx")->required();
  verb.add_option("--names", own.names,
                  "of tensors in safetensors; sluice: as describe names layers (conv1.weight); "
                  "torchvision: features.0.weight, for alexnet owt and vgg A, B, D, E "
                  "(default sluice)")
      ->check(CLI::IsMember({"sluice", "torchvision"}));
  verb.add_flag("--with-softmax", own.with_softmax, "onnx: probabilities instead of scores");
  verb.add_flag("--dense", own.dense, "onnx: takes images of any size, the map of scores averaged");
  verb.add_flag("--json", arguments.json, "the result as one JSON document on stdout");
  verb.add_flag("--quiet", arguments.quiet, "no progress on stderr");
}

void add_import(CLI::App& verb, Arguments& arguments) {
  InterchangeArguments& own = arguments.interchange;
  verb.add_option("--weights", arguments.weights,
                  "file of another program: torchvision's .pth or .safetensors, a .caffemodel")
      ->required();
  verb.add_option("--to", own.to, "weights to write, NAME.safetensors")->required();
  verb.add_option("--format", own.format,
                  "of --weights; auto: by what the file begins with (default auto)")
      ->check(CLI::IsMember({"auto", "safetensors", "pytorch", "caffe"}));
  verb.add_option("--class-names", own.class_names,
                  "text file, a line a class in the order of the scores (default: what a file of "
                  "export says, else 0, 1, ...)");
  verb.add_option("--mean-image", own.mean_image,
                  "caffe: mean image, .binaryproto (default: the published mean colour)");
}

std::string run_export(const std::string& net, const Arguments& arguments, Form form) {
  check_export(arguments.interchange);
  const nodes::ExportResult result = nodes::export_weights(net, export_request(arguments));
  if (form == Form::json) {
    nlohmann::ordered_json told = written(result);
    told["bytes"] = result.bytes;
    told["input"] = result.input;
    told["preprocessing"] = result.preprocessing;
    return document(told);
  }
  return fmt::format(
      "{}: {} of {} '{}', {} classes, {} parameters, {}\ninput: {}\n"
      "preprocessing: {}\n",
      result.file, result.format, result.net, result.variant, result.classes, result.parameters,
      io::format_bytes(result.bytes), result.input, result.preprocessing);
}

std::string run_import(const std::string& net, const Arguments& arguments, Form form) {
  const nodes::ImportRequest request{.weights = arguments.weights,
                                     .to = arguments.interchange.to,
                                     .format = format_of(arguments),
                                     .class_names = arguments.interchange.class_names,
                                     .mean = arguments.interchange.mean_image};
  const nodes::ImportDefaults defaults = nodes::import_defaults(net, request);
  const bool brought = arguments.recipe_file.empty() && defaults.brought;
  const io::Recipe recipe = resolve_recipe(net, with_defaults(arguments, defaults),
                                           brought ? defaults.brought : std::nullopt);
  const nodes::ImportResult result = nodes::import_weights(recipe, request);
  const std::vector<std::string> taken = taken_words(arguments, defaults);
  if (form == Form::json) {
    nlohmann::ordered_json told = written(result);
    told["input_chain"] = result.input_chain;
    told["taken_from_file"] = taken;
    return document(told);
  }
  const std::string line =
      taken.empty() ? "" : fmt::format("taken from the file: {}\n", fmt::join(taken, ", "));
  return fmt::format("{}: {} '{}' from {}, {} classes, {} parameters\n{}", result.file, result.net,
                     result.variant, result.format, result.classes, result.parameters, line);
}

}  // namespace sluice::apps
