#include "apps/common/evaluation.h"

#include <CLI/CLI.hpp>
#include <utility>

#include "apps/common/arguments.h"
#include "nodes/run/report_pages.h"

namespace sluice::apps {
namespace {

void add_views(CLI::App& verb, EvaluationArguments& own) {
  verb.add_option("--weights", own.nets,
                  "weights.safetensors of a run, of any net; given several times, the nets' "
                  "probabilities are averaged")
      ->required()
      ->expected(1)
      ->allow_extra_args(false)
      ->take_all();
  verb.add_option("--scales", own.scales,
                  "shorter sides after the rescale, such as 256,384,512, whose probabilities are "
                  "averaged (default: the net's own)")
      ->delimiter(',')
      ->check(CLI::Range(1, 8192));
  verb.add_flag("--flip-average", own.flip_average,
                "with protocol centre: the mean with the mirrored view");
  verb.add_option("--dropout-samples", own.dropout_samples,
                  "mean over so many sampled dropout masks, instead of dropout's rule for testing")
      ->check(CLI::Range(1, 1000));
  verb.add_option("--predictions", own.predictions,
                  "file to write: each image with its five best classes, .csv or .json");
}

nodes::EvaluateRequest request_of(const EvaluationArguments& own) {
  return {.weights = {own.nets.begin(), own.nets.end()},
          .flips = own.flip_average ? nodes::FlipAverage::yes : nodes::FlipAverage::as_published,
          .scales = own.scales,
          .dropout_samples = own.dropout_samples,
          .worst = own.worst,
          .files = {own.files.begin(), own.files.end()}};
}

nodes::EvaluateResult evaluated(const io::Recipe& recipe, const EvaluationArguments& own,
                                const nodes::Listener& listener, std::stop_token stop) {
  if (!own.predictions.empty()) nodes::check_predictions_file(own.predictions);
  auto result = nodes::evaluate(recipe, request_of(own), listener, std::move(stop));
  if (!own.predictions.empty())
    io::write_predictions(own.predictions, result.predictions, result.class_names());
  return result;
}

}  // namespace

void add_evaluate(CLI::App& verb, Arguments& arguments) {
  add_views(verb, arguments.evaluation);
  CLI::Option* const page = verb.add_option(
      "--report", arguments.report, "also write a page with the confusion matrix, one HTML file");
  page->check([](const std::string& file) {
    return std::string(file.empty() ? "it needs the name of a file" : "");
  });
  verb.add_option("--worst", arguments.evaluation.worst,
                  "pictures of so many of the worst mistakes on the page")
      ->check(CLI::Range(1, 1000))
      ->needs(page);
}

void add_predict(CLI::App& verb, Arguments& arguments) {
  add_views(verb, arguments.evaluation);
  verb.add_option("files", arguments.evaluation.files, "JPEG files")->required();
}

std::string run_evaluate(const io::Recipe& recipe, const Arguments& arguments, Form form,
                         const nodes::Listener& listener, std::stop_token stop) {
  if (!arguments.report.empty()) nodes::check_page_file("--report", arguments.report);
  const auto result = evaluated(recipe, arguments.evaluation, listener, std::move(stop));
  if (!arguments.report.empty()) nodes::write_page(arguments.report, recipe, result);
  return report(result, form);
}

std::string run_predict(const io::Recipe& recipe, const Arguments& arguments, Form form,
                        const nodes::Listener& listener, std::stop_token stop) {
  return prediction_report(evaluated(recipe, arguments.evaluation, listener, std::move(stop)),
                           form);
}

}  // namespace sluice::apps
