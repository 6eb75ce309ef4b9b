#include "nodes/run/describe.h"

#include <unistd.h>

#include <fstream>
#include <future>

#include "nodes/run/learning.h"
#include "nodes/run/machine.h"
#include "nodes/run/setup.h"
#include "runtime/process_usage.h"

namespace sluice::nodes {
namespace {

constexpr int kClasses = 1000;  // where the recipe names no number

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

void run_phase(Program& program, Phase phase, const StepInput& input) {
  std::promise<std::exception_ptr> told;
  program.run(phase, input, [&](std::exception_ptr failure) { told.set_value(failure); });
  if (const auto failure = told.get_future().get()) std::rethrow_exception(failure);
}

void run_one_step(Program& program, const Net& net, int rows) {
  const ZeroBatch batch(net, rows);
  for (const Phase phase : {Phase::forward, Phase::backward, Phase::update})
    run_phase(program, phase, batch.input());
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

int rows_at_once(const io::Recipe& recipe) {
  const StepDivision division = step_division(recipe);
  const int batch = static_cast<int>(recipe.integer("train.batch")) / division.replicas;
  return division.micro_batch > 0 ? std::min(division.micro_batch, batch) : batch;
}

void compile_step(const io::Recipe& recipe, Machine& machine, Measure measure,
                  Description& description) {
  const Net net = with_zero_weights(description.net);
  const std::size_t before = resident_bytes();
  NetState state(net, 0);
  const auto program = machine.backend->compile(net, state,
                                                {.batch = description.rows,
                                                 .purpose = Purpose::training,
                                                 .rule = update_rule(recipe),
                                                 .precision = description.precision});
  const auto pixels = static_cast<std::size_t>(net.side * net.side * net.channels);
  description.memory = {
      .parameters = state.bytes(),
      .activations = program->bytes(),
      .input = static_cast<std::size_t>(description.rows) * pixels * sizeof(float)};
  description.slow = slow_ones(*machine.backend, *program);
  if (measure == Measure::no) return;
  check_total_memory(machine, {.bytes = description.memory.planned(), .taken = state.bytes()});
  run_one_step(*program, net, description.rows);
  description.memory.measured =
      static_cast<std::size_t>(process_usage().resident_bytes_max) - before;
}

}  // namespace

Description describe(const io::Recipe& recipe, Measure measure) {
  const int classes = static_cast<int>(recipe.integer("net.classes"));
  Description description{.net = make_net(recipe, classes > 0 ? classes : kClasses),
                          .rows = rows_at_once(recipe),
                          .precision = precision(recipe)};
  description.layers = layer_costs(description.net);
  Machine machine = open_machine(recipe);
  description.backend = machine.backend->name();
  check_parameter_memory(machine, description.net, NetUse::training);
  machine.arena->run([&] { compile_step(recipe, machine, measure, description); });
  return description;
}

}  // namespace sluice::nodes
