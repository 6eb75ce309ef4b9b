#include "apps/lab/sheet.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>

#include "apps/lab/recipes.h"
#include "io/atomic_file.h"
#include "io/dataset.h"
#include "io/encode_png.h"
#include "io/report/sheet.h"
#include "nodes/run/contact_sheet.h"
#include "nodes/run/report_pages.h"
#include "runtime/error.h"

namespace sluice::apps {

Sheet::Sheet(CLI::App& app)
    : verb_(app.add_subcommand("sheet", "the same images through one or more chains, to look at")) {
  add_recipes(*verb_, wanted_);
  verb_->add_option("--page", page_, "HTML file to write");
  verb_->add_option("--png", picture_, "PNG file to write");
  verb_->add_option("--images", images_, "images to show (default 4)")->check(CLI::Range(1, 1000));
  verb_->add_option("--draws", draws_, "pictures of each, one an epoch (default 5)")
      ->check(CLI::Range(1, 100));
  verb_->add_flag("--stages", stages_, "instead, one picture behind each node of the first epoch");
  verb_->add_option("--side", side_, "longer side of a picture, pixels (default 160)")
      ->check(CLI::Range(16, 1024));
}

bool Sheet::asked() const { return verb_->parsed(); }

int Sheet::run() const {
  require(!page_.empty() || !picture_.empty(),
          "nothing to write; name a page with --page FILE.html or a picture with --png FILE.png");
  if (!page_.empty()) nodes::check_page_file("--page", page_);
  if (!picture_.empty()) nodes::check_page_file("--png", picture_);
  const io::Dataset data = io::open_unlabelled(wanted_.data);
  const std::vector<NamedRecipe> recipes = lab_recipes(wanted_);
  std::vector<nodes::SheetChain> chains;
  for (const NamedRecipe& recipe : recipes) chains.push_back({recipe.name, recipe.recipe});
  const io::Sheet sheet =
      nodes::contact_sheet(data, chains,
                           {.view = stages_ ? nodes::SheetView::stages : nodes::SheetView::draws,
                            .images = images_,
                            .draws = draws_,
                            .side = side_});
  if (!page_.empty()) io::write_text_file(page_, io::sheet_page(sheet));
  if (!picture_.empty()) {
    io::AtomicFile file(picture_);
    file.write(io::encode_png(io::sheet_picture(sheet).view()));
    file.commit();
  }
  fmt::print("{}\n", sheet.title);
  return 0;
}

}  // namespace sluice::apps
