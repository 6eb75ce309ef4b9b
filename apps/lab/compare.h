// sluice-lab compare: two or more recipes side by side.
#pragma once

#include <string>

#include "apps/lab/recipes.h"

namespace CLI {
class App;
}

namespace sluice::apps {

// Must stay where it is while `app` parses.
class Compare {
 public:
  explicit Compare(CLI::App& app);
  Compare(const Compare&) = delete;
  Compare& operator=(const Compare&) = delete;

  bool asked() const;
  // Prints the tables; 0. Throws what nodes::compare throws.
  int run() const;

 private:
  CLI::App* verb_;
  LabRecipes wanted_;
  std::string study_, out_, page_;
  int rounds_ = 3, epochs_ = 0, seeds_ = 3;
  double seconds_ = 4.0;
  bool together_ = false, json_ = false, quiet_ = false;
};

}  // namespace sluice::apps
