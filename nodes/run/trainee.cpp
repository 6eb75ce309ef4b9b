#include "nodes/run/trainee.h"

#include <algorithm>
#include <chrono>

#include "nodes/run/full_training.h"
#include "nodes/run/learning.h"
#include "nodes/run/start_weights.h"
#include "runtime/backend/make_backend.h"
#include "runtime/backend/replicas.h"

namespace sluice::nodes {
namespace {

ProgramOptions trainee_options(const io::Recipe& recipe) {
  return {.batch = static_cast<int>(recipe.integer("train.batch")),
          .purpose = Purpose::training,
          .rule = update_rule(recipe),
          .precision = precision(recipe)};
}

std::size_t bytes_of(const std::unique_ptr<Program>& program) {
  return program ? program->bytes() : 0;
}

std::unique_ptr<Program> compile_curvature(Backend& backend, Trainee& trainee,
                                           const io::Recipe& recipe, int images) {
  ProgramOptions options = trainee_options(recipe);
  options.batch = images;
  return backend.compile(trainee.net, *trainee.state, options);
}

std::unique_ptr<Program> compile_step(Backend& backend, Trainee& trainee,
                                      const ProgramOptions& options, StepDivision division) {
  // A stand-in reads no rows, so their size is nothing to it.
  if (trainee.full == nullptr || trainee.stand_in)
    return compile_divided(backend, trainee.net, *trainee.state, options, division);
  return compile_full(
      {.view = *trainee.full, .net = trainee.net, .state = *trainee.state, .backend = backend},
      options);
}

// A stand-in takes its time for a whole step.
StepDivision division_of(const Trainee& trainee, const io::Recipe& recipe) {
  return trainee.stand_in ? StepDivision{} : step_division(recipe);
}

}  // namespace

int curvature_images(const io::Recipe& recipe) {
  return static_cast<int>(recipe.integer("train.curvature_images"));
}

NetMemory trainee_memory(Trainee& trainee, const io::Recipe& recipe, Machine& machine) {
  const StepDivision division = division_of(trainee, recipe);
  Backend& backend = trainee.stand_in ? *trainee.stand_in : *machine.backend;
  const auto compiled_bytes = [&machine](const auto& compile) {
    std::size_t bytes = 0;
    machine.arena->run([&] { bytes = compile()->bytes(); });
    return bytes;
  };
  const std::size_t others = other_replicas_bytes(*trainee.state, division.replicas);
  const auto step_bytes = [&, division, compiled_bytes](int rows) {
    const std::size_t one = compiled_bytes([&] {
      ProgramOptions options = trainee_options(recipe);
      if (trainee.full != nullptr) options.batch = rows;
      return compile_step(backend, trainee, options, {.replicas = 1, .micro_batch = rows});
    });
    return one * static_cast<std::size_t>(division.replicas);
  };
  const auto curvature_bytes = [&, compiled_bytes](int images) {
    return compiled_bytes([&] { return compile_curvature(backend, trainee, recipe, images); });
  };
  NetMemory memory{
      .bytes = trainee.bytes,
      .taken = trainee.state->bytes() * static_cast<std::size_t>(division.replicas),
      .parts = {{.flags = trainee.full != nullptr ? std::vector<std::string>{"--batch"}
                                                  : row_flags(division.replicas),
                 .count = rows_at_once(recipe),
                 .bytes = bytes_of(trainee.program) - std::min(bytes_of(trainee.program), others),
                 .bytes_for = step_bytes}}};
  if (division.replicas > 1)
    memory.parts.push_back(replicas_part(*trainee.state, division.replicas));
  if (trainee.curvature)
    memory.parts.push_back({.flags = {"--curvature-images"},
                            .count = curvature_images(recipe),
                            .bytes = bytes_of(trainee.curvature),
                            .bytes_for = curvature_bytes});
  return memory;
}

void take_stand_in(Trainee& trainee, double step_ms) {
  trainee.stand_in = make_waiting_backend(std::chrono::duration<double, std::milli>(step_ms));
  for (Layer& layer : trainee.net.layers)
    layer.start = {.weights = Start::Weights::normal, .deviation = 0.0};
}

void build_trainee(Trainee& trainee, const io::Recipe& recipe, Machine& machine) {
  const bool trains = trainee.stand_in == nullptr;
  Backend& backend = trains ? *machine.backend : *trainee.stand_in;
  const StepDivision division = division_of(trainee, recipe);
  check_parameter_memory(machine, trainee.net, trains ? NetUse::training : NetUse::evaluation,
                         trains ? division.replicas : 1);
  machine.arena->run([&] {
    trainee.state.emplace(trainee.net, static_cast<std::uint64_t>(recipe.integer("seed")));
    const StartFrom start = start_from_recipe(recipe);
    if (trains && !start.file.empty()) start_from(start, trainee.net, *trainee.state);
    ProgramOptions options = trainee_options(recipe);
    options.layer_times = trainee.layer_times;
    trainee.program = compile_step(backend, trainee, options, division);
    if (trainee.measures)
      trainee.curvature = compile_curvature(backend, trainee, recipe, curvature_images(recipe));
  });
  trainee.bytes = trainee.state->bytes() + bytes_of(trainee.program) + bytes_of(trainee.curvature);
}

}  // namespace sluice::nodes
