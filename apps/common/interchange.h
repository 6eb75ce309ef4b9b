// The verbs `export` and `import`: their options, and what they print.
#pragma once

#include <string>

#include "apps/common/reports.h"

namespace CLI {
class App;
}

namespace sluice::apps {

struct Arguments;

// Their own options; the weights are Arguments::weights.
struct InterchangeArguments {
  std::string to;
  std::string names = "sluice";  // of export
  bool with_softmax = false;
  bool dense = false;
  std::string format = "auto";  // of import, all below
  std::string class_names;
  std::string mean_image;
};

// `arguments` must stay where it is while the verb parses.
void add_export(CLI::App& verb, Arguments& arguments);
void add_import(CLI::App& verb, Arguments& arguments);

// Does it, and gives what stdout says. Throws as export_weights.h and import_weights.h say.
std::string run_export(const std::string& net, const Arguments& arguments, Form form);
std::string run_import(const std::string& net, const Arguments& arguments, Form form);

}  // namespace sluice::apps
