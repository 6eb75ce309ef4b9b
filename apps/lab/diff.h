// sluice-lab diff BEFORE AFTER: what changed between two runs beyond noise.
#pragma once

#include <string>

namespace CLI {
class App;
}

namespace sluice::apps {

// Must stay where it is while `app` parses.
class Diff {
 public:
  explicit Diff(CLI::App& app);
  Diff(const Diff&) = delete;
  Diff& operator=(const Diff&) = delete;

  bool asked() const;
  // Prints the difference; 0 whatever it is. Throws Error{usage} for a folder that holds no run.
  int run() const;

 private:
  CLI::App* verb_;
  std::string before_, after_;
  bool json_ = false;
};

}  // namespace sluice::apps
