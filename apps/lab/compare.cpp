#include "apps/lab/compare.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "apps/common/console.h"
#include "apps/common/interrupt.h"
#include "apps/lab/compare_report.h"
#include "apps/lab/study.h"
#include "io/atomic_file.h"
#include "nodes/run/compare.h"
#include "nodes/run/report_pages.h"
#include "runtime/error.h"

namespace sluice::apps {

Compare::Compare(CLI::App& app)
    : verb_(app.add_subcommand("compare",
                               "what two or more recipes cost, and how right their nets become")) {
  add_recipes(*verb_, wanted_);
  verb_->add_option("--study", study_, "folder with study.toml: recipes, and the claim they try");
  verb_->add_option("--rounds", rounds_, "profiles of each chain, in turns (default 3)")
      ->check(CLI::Range(1, 1000));
  verb_->add_option("--seconds", seconds_, "of each profile (default 4)")
      ->check(CLI::Range(1.0, 86'400.0));
  CLI::Option* epochs =
      verb_->add_option("--epochs", epochs_, "also train each recipe, for so many epochs")
          ->check(CLI::Range(1, 1'000'000));
  verb_->add_option("--seeds", seeds_, "trainings of each recipe (default 3)")
      ->needs(epochs)
      ->check(CLI::Range(1, 1000));
  verb_->add_option("--out", out_, "folder for the trainings; stopped ones are gone on with")
      ->needs(epochs);
  verb_->add_flag(
      "--together", together_,
      "one pipeline for all recipes: images are read and decoded once, nodes that all chains begin "
      "with run once, and the nets of a seed are trained side by side (on the CPU); runs that were "
      "stopped at different steps, or whose schedule ends later, go on alone");
  verb_->add_option("--page", page_, "also write the tables as one HTML file");
  verb_->add_flag("--json", json_, "one JSON document on stdout");
  verb_->add_flag("--quiet", quiet_, "no progress");
}

bool Compare::asked() const { return verb_->parsed(); }

int Compare::run() const {
  const Interrupt interrupt;
  if (!page_.empty()) nodes::check_page_file("--page", page_);
  Told told{.studied = {}, .epochs = epochs_, .seeds = epochs_ > 0 ? seeds_ : 0};
  LabRecipes wanted = wanted_;
  if (!study_.empty()) {
    require(wanted.files.empty(), "--study names its recipes itself; valid: --study or --recipe");
    told.studied = read_study(study_);
    wanted.files = told.studied->recipes;
  }
  if (epochs_ > 0) wanted.sets.push_back(fmt::format("train.epochs={}", epochs_));
  std::vector<nodes::SheetChain> recipes;
  for (const NamedRecipe& recipe : lab_recipes(wanted))
    recipes.push_back({recipe.name, recipe.recipe});
  Console console(quiet_ ? Verbosity::quiet : Verbosity::normal);
  const nodes::Comparison compared =
      nodes::compare(recipes,
                     {.rounds = rounds_,
                      .seconds = seconds_,
                      .seeds = told.seeds,
                      .out = out_,
                      .pipelines = together_ ? nodes::Pipelines::one : nodes::Pipelines::one_each},
                     console.listener(), interrupt.token());
  console.close();
  const io::TablesPage page = comparison(compared, told);
  if (!page_.empty()) io::write_text_file(page_, io::tables_page(page));
  fmt::print("{}", json_ ? comparison_json(compared, told) : io::tables_text(page));
  return 0;
}

}  // namespace sluice::apps
