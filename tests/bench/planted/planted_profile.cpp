// sluice-alexnet profile with limits planted into its nodes.
//   planted_profile [--plant PLANT]... OPTIONS OF sluice-alexnet profile
// A plant: NODE:+PERCENT% or NODE:MILLISECONDSms, then :busy or :waiting, then :one-in-N (plant.h).
#include <fmt/core.h>

#include <string_view>
#include <vector>

#include "apps/common/arguments.h"
#include "apps/common/console.h"
#include "apps/common/guarded_main.h"
#include "apps/common/interrupt.h"
#include "apps/common/reports.h"
#include "nodes/run/profile.h"
#include "runtime/error.h"
#include "tests/bench/planted/planted_stages.h"

namespace sluice::bench {
namespace {

constexpr const char* kProgram = "sluice-alexnet";

struct CommandLine {
  std::vector<Plant> plants;
  std::vector<const char*> others{kProgram, "profile"};
};

CommandLine take_plants(int argc, char** argv) {
  CommandLine line;
  for (int i = 1; i < argc; ++i) {
    if (std::string_view(argv[i]) != "--plant") {
      line.others.push_back(argv[i]);
      continue;
    }
    require(++i < argc, "--plant needs a plant, such as rescale:+5%");
    line.plants.push_back(parse_plant(argv[i]));
  }
  return line;
}

int run(int argc, char** argv) {
  const apps::Interrupt interrupt;
  const CommandLine line = take_plants(argc, argv);
  const apps::Parsed parsed =
      apps::parse_arguments(kProgram, "Profiles with limits planted.",
                            static_cast<int>(line.others.size()), line.others.data());
  if (parsed.help_shown) return 0;
  const apps::Arguments& arguments = parsed.arguments;
  const io::Recipe recipe = apps::resolve_recipe("alexnet", arguments);
  apps::Console console(arguments.quiet ? apps::Verbosity::quiet : apps::Verbosity::normal);
  const nodes::Listener listener = console.listener();
  const nodes::ProfileResult result = nodes::profile(
      recipe,
      {.until = arguments.until,
       .seconds = arguments.seconds,
       .assume_step_ms = arguments.assume_step_ms,
       .out = arguments.out,
       .predict_threads = arguments.predict_threads,
       .around = [&](graph::BatchStream& stream) { plant_into(stream, line.plants); }},
      listener, interrupt.token());
  console.close();
  fmt::print("{}", apps::report(result, arguments.json ? apps::Form::json : apps::Form::text));
  return 0;
}

}  // namespace
}  // namespace sluice::bench

int main(int argc, char** argv) {
  return sluice::apps::guarded_main("planted_profile",
                                    [&] { return sluice::bench::run(argc, argv); });
}
