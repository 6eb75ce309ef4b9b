// sluice-lab: what two runs differ by. Each verb is a file of its own that adds itself to the
// command line.
#include <CLI/CLI.hpp>
#include <iostream>

#include "apps/common/guarded_main.h"
#include "apps/common/refuse.h"
#include "apps/lab/bench.h"
#include "apps/lab/compare.h"
#include "apps/lab/diff.h"
#include "apps/lab/nodes.h"
#include "apps/lab/sheet.h"

namespace {

using namespace sluice;

int run(int argc, const char* const* argv) {
  CLI::App app("Looks into runs.", "sluice-lab");
  app.require_subcommand(0, 1);
  apps::Bench bench(app);
  apps::Compare compare(app);
  apps::Diff diff(app);
  apps::Nodes nodes(app);
  apps::Sheet sheet(app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp& help) {
    return app.exit(help, std::cout, std::cerr);
  } catch (const CLI::ParseError& error) {
    apps::refuse(app, error.what());
  }
  if (bench.asked()) return bench.run();
  if (compare.asked()) return compare.run();
  if (diff.asked()) return diff.run();
  if (nodes.asked()) return nodes.run();
  if (sheet.asked()) return sheet.run();
  apps::refuse(app, "no verb given");
}

}  // namespace

int main(int argc, char** argv) {
  return sluice::apps::guarded_main("sluice-lab", [&] { return run(argc, argv); });
}
