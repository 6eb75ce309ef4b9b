// sluice-data: make a data set, measure one, and see what a linear classifier makes of it.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>

#include "apps/common/console.h"
#include "apps/common/guarded_main.h"
#include "apps/common/interrupt.h"
#include "apps/common/refuse.h"
#include "io/text.h"
#include "nodes/run/linear_data.h"
#include "nodes/run/machine.h"
#include "nodes/run/setup.h"
#include "nodes/run/shapes.h"
#include "nodes/run/statistics.h"
#include "runtime/error.h"

namespace {

using namespace sluice;

struct Options {
  nodes::ShapesOptions shapes;
  std::string data;
  double val_fraction = 0.1;
  bool json = false;
  bool quiet = false;
};

int make_shapes(const Options& options, const apps::Interrupt& interrupt) {
  nodes::make_shapes(options.shapes, interrupt.token());
  if (options.json) {
    const std::string& out = options.shapes.out.native();
    const nlohmann::ordered_json document = {
        {"out", io::is_utf8(out) ? out : io::percent_encoded(out)},
        {"classes", 10},
        {"train_per_class", options.shapes.train_per_class},
        {"val_per_class", options.shapes.val_per_class}};
    fmt::print("{}\n", document.dump(2));
    return 0;
  }
  fmt::print("{}: {} training and {} validation images of each of ten classes\n",
             options.shapes.out.string(), options.shapes.train_per_class,
             options.shapes.val_per_class);
  return 0;
}

int show_statistics(const Options& options, const apps::Interrupt& interrupt) {
  io::Recipe recipe = nodes::default_recipe("alexnet", "paper");
  const io::Dataset data = io::open_unlabelled(options.data);
  apps::Console console(options.quiet ? apps::Verbosity::quiet : apps::Verbosity::normal);
  const nodes::Machine machine = nodes::open_machine(recipe);
  const auto measured =
      nodes::measure_statistics(recipe, data, machine, console.listener(), interrupt.token());
  const Statistics& values = measured.values;
  const auto bad = static_cast<std::int64_t>(data.entries.size()) - values.images;
  if (options.json) {
    const nlohmann::ordered_json document = {{"files", data.entries.size()},
                                             {"images", values.images},
                                             {"bad_files", bad},
                                             {"mean_rgb", values.mean_rgb},
                                             {"covariance_rgb", values.covariance}};
    fmt::print("{}\n", document.dump(2));
    return 0;
  }
  fmt::print(
      "{} images of {} files, shorter side 256, centre 256 x 256\nmean R G B: {:.3f} {:.3f} "
      "{:.3f}\n",
      values.images, data.entries.size(), values.mean_rgb[0], values.mean_rgb[1],
      values.mean_rgb[2]);
  fmt::print("covariance of R G B:\n");
  for (const auto& row : values.covariance)
    fmt::print("{:12.3f} {:12.3f} {:12.3f}\n", row[0], row[1], row[2]);
  return 0;
}

int show_linear(const Options& options, const apps::Interrupt& interrupt) {
  const auto result = nodes::linear_baseline_of(
      io::open_labelled(options.data, {.val_fraction = options.val_fraction}), interrupt.token());
  if (options.json) {
    const nlohmann::ordered_json document = {{"accuracy", result.accuracy},
                                             {"train_images", result.train_images},
                                             {"val_images", result.val_images}};
    fmt::print("{}\n", document.dump(2));
    return 0;
  }
  fmt::print(
      "linear classifier on 8 x 8 thumbnails: {:.2f} % of {} validation images right ({} to train "
      "on)\n",
      100 * result.accuracy, result.val_images, result.train_images);
  return 0;
}

int run(int argc, const char* const* argv) {
  const apps::Interrupt interrupt;
  Options options;
  CLI::App app("Makes and measures data sets.", "sluice-data");
  app.require_subcommand(0, 1);
  CLI::App* shapes = app.add_subcommand(
      "shapes", "make ten classes of small JPEG files that a net learns quickly");
  shapes->add_option("--out", options.shapes.out, "folder to make")->required();
  shapes->add_option("--train", options.shapes.train_per_class, "training images a class")
      ->capture_default_str();
  shapes->add_option("--val", options.shapes.val_per_class, "validation images a class")
      ->capture_default_str();
  shapes->add_option("--seed", options.shapes.seed, "of every random draw")->capture_default_str();
  CLI::App* stats =
      app.add_subcommand("stats", "mean and covariance of the colours of any folder of images");
  CLI::App* linear =
      app.add_subcommand("linear", "how right a linear classifier on 8 x 8 thumbnails is");
  linear
      ->add_option("--val-fraction", options.val_fraction,
                   "share held out where the data has no val/")
      ->capture_default_str();
  for (CLI::App* verb : {stats, linear}) {
    verb->add_option("--data", options.data, "folder of images")->required();
    verb->add_flag("--quiet", options.quiet, "no progress on stderr");
  }
  for (CLI::App* verb : {shapes, stats, linear})
    verb->add_flag("--json", options.json, "one JSON document on stdout");
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp& help) {
    return app.exit(help, std::cout, std::cerr);
  } catch (const CLI::ParseError& error) {
    apps::refuse(app, error.what());
  }
  if (app.get_subcommands().empty()) apps::refuse(app, "no verb given");
  if (shapes->parsed()) return make_shapes(options, interrupt);
  return stats->parsed() ? show_statistics(options, interrupt) : show_linear(options, interrupt);
}

}  // namespace

int main(int argc, char** argv) {
  return sluice::apps::guarded_main("sluice-data", [&] { return run(argc, argv); });
}
