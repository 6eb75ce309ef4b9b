#include "nodes/run/describe.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <initializer_list>
#include <memory>
#include <utility>

#include "nodes/augment_chain.h"
#include "nodes/mix.h"
#include "nodes/run/checkpoints.h"
#include "nodes/run/dump.h"
#include "nodes/run/full_view.h"
#include "nodes/run/learning.h"
#include "nodes/run/machine.h"
#include "nodes/run/net_memory.h"
#include "nodes/run/recipe_checks.h"
#include "nodes/run/run_phase.h"
#include "nodes/run/setup.h"
#include "nodes/run/statistics.h"
#include "runtime/backend/make_backend.h"
#include "runtime/backend/replicas.h"
#include "runtime/process_usage.h"

namespace sluice::nodes {
namespace {

constexpr double kNarrow = 0.05;

std::size_t resident_bytes() {
  std::size_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages >> pages;
  return pages * static_cast<std::size_t>(sysconf(_SC_PAGE_SIZE));
}

// Black pictures of class 0.
struct ZeroBatch {
  Tensor rows;
  std::vector<std::int32_t> labels;
  std::vector<float> row_weights;

  ZeroBatch(const Net& net, int count)
      : rows({count, net.side, net.side, net.channels}),
        labels(static_cast<std::size_t>(count), 0),
        row_weights(static_cast<std::size_t>(count), 1.0F) {}
  StepInput input() const {
    return {.rows = rows.values(), .labels = labels, .row_weights = row_weights};
  }
};

void run_phases(Program& program, const Net& net, int rows, std::initializer_list<Phase> phases) {
  const ZeroBatch batch(net, rows);
  for (const Phase phase : phases) run_phase(program, phase, batch.input());
}

// "brgemm" is a fast one.
bool is_slow(std::string_view implementation) {
  const auto has = [&](std::string_view word) { return implementation.find(word) != word.npos; };
  return has("ref") || (has("gemm") && !has("brgemm"));
}

std::vector<UsedPrimitive> slow_ones(const Backend& backend, const Program& program) {
  std::vector<UsedPrimitive> slow;
  for (UsedPrimitive& primitive : used_primitives(backend, program))
    if (is_slow(primitive.implementation)) slow.push_back(std::move(primitive));
  return slow;
}

// The same shapes and costs; nothing is drawn.
Net with_zero_weights(Net net) {
  for (Layer& layer : net.layers) layer.start = {.weights = Start::Weights::normal, .deviation = 0};
  return net;
}

// Of a net that starts from zeros: what a recipe says of the start has been checked.
Net checked(const io::Recipe& recipe) {
  const bool named = !recipe.text("data.path").empty();
  Net net = checked_training_net(recipe, named ? facts_of(open_data(recipe)) : usual_data(recipe));
  // Of a run that was: what it started from may be gone, and its dump is there.
  if (recipe.says("train.from") || recipe.says("train.from_layers"))
    check_starting_weights(recipe, net);
  const std::string& dump = recipe.text("run.dump");
  if (!dump.empty() && recipe.says("run.dump")) check_dump_folder(dump);
  return with_zero_weights(std::move(net));
}

// The programs of a run that take part in a step.
struct StepPrograms {
  ProgramOptions options;
  std::unique_ptr<Program> step;
  std::unique_ptr<Program> curvature{};  // none: the rule needs no second derivatives
  int curvature_rows = 0;

  std::size_t bytes() const { return step->bytes() + (curvature ? curvature->bytes() : 0); }
};

StepPrograms compile_step(const io::Recipe& recipe, Machine& machine, const Net& net,
                          NetState& state) {
  const ProgramOptions options{.batch = static_cast<int>(recipe.integer("train.batch")),
                               .purpose = Purpose::training,
                               .rule = update_rule(recipe),
                               .precision = precision(recipe)};
  StepPrograms programs{
      .options = options,
      .step = compile_divided(*machine.backend, net, state, options, step_division(recipe))};
  if (!std::holds_alternative<DiagonalLmRule>(options.rule)) return programs;
  ProgramOptions curvature = options;
  curvature.batch = static_cast<int>(recipe.integer("train.curvature_images"));
  programs.curvature = machine.backend->compile(net, state, curvature);
  programs.curvature_rows = curvature.batch;
  return programs;
}

bool validates(const io::Recipe& recipe) {
  return recipe.text("data.path").empty() || !open_data(recipe).val.entries.empty();
}

RunMemory beside_step(const io::Recipe& recipe, Machine& machine, const Net& net, NetState& state,
                      ProgramOptions options) {
  RunMemory beside{.preparation = machine.preparation_bytes};
  if (!checkpoint_rhythm(recipe.text("run.checkpoint_every")).never())
    beside.checkpoint = checkpoint_bytes(state);
  if (!validates(recipe)) return beside;
  options.purpose = Purpose::evaluation;
  beside.validation =
      compile_divided(*machine.backend, net, state, options,
                      {.replicas = 1, .micro_batch = step_division(recipe).micro_batch})
          ->bytes();
  return beside;
}

// What runs of as many rows as run at once: all pieces and replicas do the same.
void look_at_piece(const StepPrograms& programs, Machine& machine, NetState& state,
                   Description& description) {
  std::unique_ptr<Program> piece;
  if (description.rows != programs.options.batch) {
    ProgramOptions options = programs.options;
    options.batch = description.rows;
    piece = machine.backend->compile(description.net, state, options);
  }
  const Program& program = piece ? *piece : *programs.step;
  description.slow = slow_ones(*machine.backend, program);
  description.device = cudnn::device_plan(program);
}

// As training plans it on a device, which need not be here.
DescribedUpload upload_of(const io::Recipe& recipe, const Description& description) {
  DescribedUpload upload;
  upload.rows = !recipe.text("run.dump").empty() ? floats_because("a dump shows pixels")
                : mixtures(recipe).any()
                    ? floats_because(kMixedAsFloats)
                    : plan_rows(make_chain(recipe.augment, neutral_statistics(recipe)));
  const Net& net = description.net;
  const auto values = static_cast<std::size_t>(net.side * net.side * net.channels);
  upload.bytes = static_cast<std::size_t>(description.batch) * values *
                 (upload.rows.type == PixelType::u8 ? 1 : sizeof(float));
  return upload;
}

void describe_step(const io::Recipe& recipe, Machine& machine, Measure measure,
                   Description& description) {
  const Net& net = description.net;
  const std::size_t before = resident_bytes();
  NetState state(net, 0);
  const StepPrograms programs = compile_step(recipe, machine, net, state);
  const auto replicas = static_cast<std::size_t>(description.replicas);
  const std::size_t others = (replicas - 1) * state.bytes();
  const auto pixels = static_cast<std::size_t>(net.side * net.side * net.channels);
  description.memory = {
      .parameters = state.bytes() + others,
      .activations = programs.bytes() - others,
      .input = static_cast<std::size_t>(description.batch) * pixels * sizeof(float)};
  description.beside = beside_step(recipe, machine, net, state, programs.options);
  look_at_piece(programs, machine, state, description);
  if (description.device) {
    description.upload = upload_of(recipe, description);
    description.memory.input = description.upload->bytes;
  }
  if (measure == Measure::no) return;
  require_usable(machine);
  check_total_memory(machine, {.bytes = description.memory.planned(), .taken = state.bytes()});
  if (programs.curvature)
    run_phases(*programs.curvature, net, programs.curvature_rows,
               {Phase::forward, Phase::curvature});
  run_phases(*programs.step, net, description.batch,
             {Phase::forward, Phase::backward, Phase::update});
  description.memory.measured =
      static_cast<std::size_t>(process_usage().resident_bytes_max) - before;
}

// What a backend refuses are kinds of layers, a precision or a rule, not widths.
io::Recipe narrowed(io::Recipe recipe) {
  if (recipe.text("net.name") == "lenet5") return recipe;
  recipe.set("net.width", fmt::format("{}", std::min(recipe.real("net.width"), kNarrow)));
  return recipe;
}

}  // namespace

void check_trainable(const io::Recipe& recipe) {
  (void)checked(recipe);
  io::Recipe narrow = narrowed(recipe);
  narrow.set("train.from", "");  // of the net as it is
  narrow.set("train.from_layers", "all");
  const Net net = with_zero_weights(make_net(narrow, usual_data(narrow).classes));
  const auto backend = open_backend(recipe, {});
  const ProgramOptions options{.batch = 1,
                               .purpose = Purpose::training,
                               .rule = update_rule(recipe),
                               .precision = precision(recipe)};
  NetState state(net, 0);
  Arena(static_cast<int>(recipe.integer("run.threads"))).run([&] {
    backend->compile(net, state, options);
  });
}

Description describe(const io::Recipe& recipe, Measure measure) {
  Description description{.net = checked(recipe),
                          .batch = static_cast<int>(recipe.integer("train.batch")),
                          .rows = rows_at_once(recipe),
                          .replicas = step_division(recipe).replicas,
                          .squares_only = is_full_view(recipe),
                          .precision = precision(recipe)};
  description.layers = layer_costs(description.net);
  Machine machine = open_machine(recipe);
  description.backend = machine.backend->name();
  check_parameter_memory(machine, description.net, NetUse::training, description.replicas);
  machine.arena->run([&] { describe_step(recipe, machine, measure, description); });
  return description;
}

}  // namespace sluice::nodes
