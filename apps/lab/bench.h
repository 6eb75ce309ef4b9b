// sluice-lab bench: what every node of one or more chains costs.
#pragma once

#include "apps/lab/recipes.h"

namespace CLI {
class App;
}

namespace sluice::apps {

// Must stay where it is while `app` parses.
class Bench {
 public:
  explicit Bench(CLI::App& app);
  Bench(const Bench&) = delete;
  Bench& operator=(const Bench&) = delete;

  bool asked() const;
  // Prints the table; 0. Throws Error{usage} for a folder without usable images or a recipe that is
  // none.
  int run() const;

 private:
  CLI::App* verb_;
  LabRecipes wanted_;
  int images_ = 32, rounds_ = 15;
  bool json_ = false;
};

}  // namespace sluice::apps
