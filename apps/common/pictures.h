// The verb `pictures`: its options, and what it prints.
#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "apps/common/reports.h"
#include "io/recipe.h"
#include "nodes/run/listener.h"

namespace CLI {
class App;
}

namespace sluice::apps {

struct Arguments;

// Its own options; the folder is Arguments::out.
struct PicturesArguments {
  std::string weights{};
  std::vector<std::string> layers{};
  std::string of_class{};
  std::optional<int> square{};
  std::optional<int> step{};
  std::vector<std::string> files{};
};

// `arguments` must stay where it is while the verb parses.
void add_pictures(CLI::App& verb, Arguments& arguments);

// Does it, and gives what stdout says. Throws as nodes/run/pictures.h says.
std::string run_pictures(const io::Recipe& recipe, const Arguments& arguments, Form form,
                         const nodes::Listener& listener, std::stop_token stop);

}  // namespace sluice::apps
