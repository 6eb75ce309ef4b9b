#include "apps/common/net_program.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <cstdio>
#include <ctime>

#include "apps/common/arguments.h"
#include "apps/common/console.h"
#include "apps/common/evaluation.h"
#include "apps/common/guarded_main.h"
#include "apps/common/interchange.h"
#include "apps/common/interrupt.h"
#include "apps/common/reports.h"
#include "apps/common/said_where.h"
#include "io/text.h"
#include "nodes/run/report_pages.h"
#include "nodes/run/run_trace.h"
#include "nodes/run/setup.h"
#include "runtime/error.h"

namespace sluice::apps {
namespace {

constexpr int kInterrupted = static_cast<int>(ErrorKind::interrupted);

std::filesystem::path default_run_folder(const std::string& net) {
  const std::string name =
      fmt::format("runs/{}-{:%Y%m%d-%H%M%S}", net, fmt::localtime(std::time(nullptr)));
  std::filesystem::path folder = name;  // a clock that was set back names a folder twice
  for (int again = 2; std::filesystem::exists(folder); ++again)
    folder = fmt::format("{}-{}", name, again);
  return folder;
}

std::filesystem::path run_folder(const std::string& net, const Arguments& arguments) {
  require(!arguments.resume || !arguments.out.empty(),
          "--resume needs to know which run; name its folder with --out");
  require(arguments.resume || arguments.amends.empty(),
          "--amend changes a run on its way; valid with --resume, for a new run --set");
  return arguments.out.empty() ? default_run_folder(net) : std::filesystem::path(arguments.out);
}

std::optional<std::size_t> traced_spans(const Arguments& arguments) {
  if (!arguments.trace) return std::nullopt;
  return arguments.trace_spans.value_or(nodes::kTraceSpans);
}

// --resume found no run: it starts one, if that can be meant.
void begin_instead(const std::filesystem::path& out, const io::Recipe& recipe,
                   const Arguments& arguments, const nodes::Listener& listener) {
  const std::string name = io::one_line(out.string());
  require(!recipe.text("data.path").empty(),
          "{} holds no run to go on with; to start one, name a folder with --data DIR", name);
  require(arguments.amends.empty(),
          "--amend changes a run on its way, {} holds none; valid for a new run: --set", name);
  listener.tell(fmt::format("no run in {} yet: starting one", name));
}

LayerTimes layer_times(const Arguments& arguments) {
  return arguments.layers ? LayerTimes::on : LayerTimes::off;
}

int train(const std::string& net, const Arguments& arguments, Form form, Console& console,
          const Interrupt& interrupt) {
  const nodes::Listener listener = console.listener();
  nodes::RunStart start{.out = run_folder(net, arguments),
                        .from = {},
                        .trace = traced_spans(arguments),
                        .layer_times = layer_times(arguments)};
  if (arguments.resume) start.from = nodes::find_resume_point(start.out, listener);
  io::Recipe recipe =
      resolve_recipe(net, arguments, start.from ? start.from->recipe : std::nullopt);
  if (start.from) nodes::check_resumed_recipe(recipe, *start.from);
  if (arguments.resume && !(start.from && start.from->recipe))
    begin_instead(start.out, recipe, arguments, listener);
  for (const auto& [key, value] : arguments.amends) recipe.amend(start.from->step(), key, value);
  const bool by_steps = recipe.integer("train.steps") > 0;  // then epochs are no end
  console.expect(
      {.epochs = by_steps ? 0U : static_cast<std::uint32_t>(recipe.integer("train.epochs"))});
  const auto result = said_where(
      recipe, [&] { return nodes::train(recipe, std::move(start), listener, interrupt.token()); });
  console.close();
  fmt::print("{}", report(result, form));
  return result.end == graph::RunEnd::cancelled ? kInterrupted : 0;
}

// Of verbs that show images to trained nets; null of others.
auto image_work(std::string_view verb) {
  return verb == "evaluate"   ? run_evaluate
         : verb == "predict"  ? run_predict
         : verb == "pictures" ? run_pictures
                              : nullptr;
}

int run_other_verb(const io::Recipe& recipe, const Arguments& arguments, Form form,
                   Console& console, const Interrupt& interrupt) {
  const nodes::Listener listener = console.listener();
  if (arguments.verb == "describe") {
    if (arguments.toml) {
      nodes::check_trainable(recipe);
      fmt::print("{}", recipe.to_toml());
      return 0;
    }
    const auto measure = arguments.measure ? nodes::Measure::one_step : nodes::Measure::no;
    fmt::print("{}", report(nodes::describe(recipe, measure), form));
    return 0;
  }
  if (const auto work = image_work(arguments.verb)) {
    const std::string text = work(recipe, arguments, form, listener, interrupt.token());
    console.close();
    fmt::print("{}", text);
    return 0;
  }
  console.expect({.seconds = arguments.seconds});
  const auto result = nodes::profile(recipe,
                                     {.until = arguments.until,
                                      .seconds = arguments.seconds,
                                      .assume_step_ms = arguments.assume_step_ms,
                                      .out = arguments.out,
                                      .trace = traced_spans(arguments),
                                      .predict_threads = arguments.predict_threads,
                                      .layer_times = layer_times(arguments)},
                                     listener, interrupt.token());
  console.close();
  fmt::print("{}", report(result, form));
  return result.interrupted ? kInterrupted : 0;
}

int run_verb(const std::string& net, const Arguments& arguments, const Interrupt& interrupt) {
  const Form form = arguments.json ? Form::json : Form::text;
  Console console(arguments.quiet ? Verbosity::quiet : Verbosity::normal);
  if (arguments.verb == "train") return train(net, arguments, form, console, interrupt);
  if (arguments.verb == "export" || arguments.verb == "import") {
    const auto work = arguments.verb == "export" ? run_export : run_import;
    fmt::print("{}", work(net, arguments, form));
    return 0;
  }
  const io::Recipe recipe = resolve_recipe(net, arguments);
  return said_where(recipe,
                    [&] { return run_other_verb(recipe, arguments, form, console, interrupt); });
}

}  // namespace

int net_program(const std::string& net, int argc, const char* const* argv) {
  const std::string program = "sluice-" + net;
  return guarded_main(program, [&] {
    const Interrupt interrupt;
    const Parsed parsed = parse_arguments(
        program, fmt::format("Trains, evaluates, profiles and describes {}.", net), argc, argv);
    if (parsed.help_shown) return 0;
    return run_verb(net, parsed.arguments, interrupt);
  });
}

}  // namespace sluice::apps
