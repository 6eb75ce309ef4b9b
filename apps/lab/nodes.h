// sluice-lab nodes [NAME ...]: the catalogue of what a chain may hold, as text, JSON or a page.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace sluice::apps {

// Must stay where it is while `app` parses.
class Nodes {
 public:
  explicit Nodes(CLI::App& app);
  Nodes(const Nodes&) = delete;
  Nodes& operator=(const Nodes&) = delete;

  bool asked() const;
  // Prints the nodes that were named, or all. Throws Error{usage} for a name that is none.
  int run() const;

 private:
  CLI::App* verb_;
  std::vector<std::string> names_;
  std::string page_;
  bool json_ = false;
};

}  // namespace sluice::apps
