// sluice-lab sheet: what one or more chains make of the same images, to look at.
#pragma once

#include <string>

#include "apps/lab/recipes.h"

namespace CLI {
class App;
}

namespace sluice::apps {

// Must stay where it is while `app` parses.
class Sheet {
 public:
  explicit Sheet(CLI::App& app);
  Sheet(const Sheet&) = delete;
  Sheet& operator=(const Sheet&) = delete;

  bool asked() const;
  // Writes the page, the picture or both; 0. Throws Error{usage} for a folder without usable images
  // or a recipe that is none.
  int run() const;

 private:
  CLI::App* verb_;
  LabRecipes wanted_;
  std::string page_, picture_;
  int images_ = 4, draws_ = 5, side_ = 160;
  bool stages_ = false;
};

}  // namespace sluice::apps
