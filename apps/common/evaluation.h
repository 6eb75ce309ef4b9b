// The verbs `evaluate` and `predict`: their options, and what they print.
#pragma once

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

// Their own options; the page of evaluate is Arguments::report.
struct EvaluationArguments {
  std::vector<std::string> nets{};  // --weights
  std::vector<int> scales{};
  bool flip_average = false;
  int dropout_samples = 0;
  std::string predictions{};
  int worst = 0;
  std::vector<std::string> files{};  // of predict
};

// `arguments` must stay where it is while the verb parses.
void add_evaluate(CLI::App& verb, Arguments& arguments);
void add_predict(CLI::App& verb, Arguments& arguments);

// Does it, and gives what stdout says. Throws as nodes/run/evaluate.h says.
std::string run_evaluate(const io::Recipe& recipe, const Arguments& arguments, Form form,
                         const nodes::Listener& listener, std::stop_token stop);
std::string run_predict(const io::Recipe& recipe, const Arguments& arguments, Form form,
                        const nodes::Listener& listener, std::stop_token stop);

}  // namespace sluice::apps
