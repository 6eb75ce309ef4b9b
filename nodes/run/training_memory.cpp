// What a training run's net needs in all, and what it would with fewer images at once.
#include <algorithm>

#include "nodes/run/learning.h"
#include "nodes/run/training.h"
#include "runtime/backend/replicas.h"

namespace sluice::nodes {
namespace {

std::size_t bytes_of(const std::unique_ptr<Program>& program) {
  return program ? program->bytes() : 0;
}

}  // namespace

ProgramOptions Training::program_options(Purpose purpose) const {
  const bool dumped = purpose == Purpose::training && !recipe_.text("run.dump").empty();
  return {.batch = static_cast<int>(recipe_.integer("train.batch")),
          .purpose = purpose,
          .rule = rule_,
          .precision = precision(recipe_),
          .keep = dumped ? dumped_layers(net_) : std::vector<std::string>{},
          .layer_times = purpose == Purpose::training ? layer_times_ : LayerTimes::off};
}

FullNet Training::full_net() {
  return {.view = *full_, .net = net_, .state = *state_, .backend = *machine_.backend};
}

// Inside the arena.
std::unique_ptr<Program> Training::compile_trainer(const ProgramOptions& options,
                                                   StepDivision division) {
  if (!full_) return compile_divided(*machine_.backend, net_, *state_, options, division);
  return compile_full(full_net(), options);
}

// With fewer images a step.
MemoryPart Training::full_part(std::size_t bytes) {
  const auto bytes_for = [this](int images) {
    std::size_t fewer = 0;
    ProgramOptions training = program_options(Purpose::training);
    ProgramOptions testing = program_options(Purpose::evaluation);
    training.batch = testing.batch = images;
    machine_.arena->run([&] {
      fewer = full_room(full_net(), training).bytes;
      if (tester_) fewer += machine_.backend->compile(net_, *state_, testing)->bytes();
    });
    return fewer;
  };
  return {.flags = {"--batch"},
          .count = static_cast<int>(recipe_.integer("train.batch")),
          .bytes = bytes,
          .bytes_for = bytes_for};
}

std::size_t Training::program_bytes(StepDivision division) {
  std::size_t bytes = 0;
  machine_.arena->run([&] {
    bytes += compile_divided(*machine_.backend, net_, *state_, program_options(Purpose::training),
                             division)
                 ->bytes();
    division.replicas = 1;
    if (tester_)
      bytes += compile_divided(*machine_.backend, net_, *state_,
                               program_options(Purpose::evaluation), division)
                   ->bytes();
  });
  return bytes;
}

NetMemory Training::net_memory() {
  const StepDivision division = step_division(recipe_);
  const std::size_t step = bytes_of(trainer_) + bytes_of(tester_);
  const std::size_t others = other_replicas_bytes(*state_, division.replicas);
  const std::size_t curvature = bytes_of(curvature_program_);
  const std::size_t checkpoint = rhythm_.never() ? 0 : checkpoint_bytes(*state_);
  // In pieces: what they add up in counts too, so that it fits with either flag. Of one replica:
  // to compile all of them takes the memory that may not be there.
  const auto step_bytes = [this, division](int rows) {
    return program_bytes({.replicas = 1, .micro_batch = rows}) *
           static_cast<std::size_t>(division.replicas);
  };
  NetMemory memory{.bytes = state_->bytes() + checkpoint + step + curvature,
                   .taken = state_->bytes() * static_cast<std::size_t>(division.replicas),
                   .parts = {{.flags = row_flags(division.replicas),
                              .count = rows_at_once(recipe_),
                              .bytes = step - std::min(step, others),
                              .bytes_for = step_bytes}}};
  if (full_) memory.parts = {full_part(step)};
  if (division.replicas > 1) memory.parts.push_back(replicas_part(*state_, division.replicas));
  if (curvature_program_) memory.parts.push_back(curvature_part(curvature));
  return memory;
}

MemoryPart Training::curvature_part(std::size_t bytes) {
  const auto bytes_for = [this](int images) {
    std::size_t fewer = 0;
    ProgramOptions options = program_options(Purpose::training);
    options.batch = images;
    machine_.arena->run(
        [&] { fewer = machine_.backend->compile(net_, *state_, options)->bytes(); });
    return fewer;
  };
  return {.flags = {"--curvature-images"},
          .count = static_cast<int>(recipe_.integer("train.curvature_images")),
          .bytes = bytes,
          .bytes_for = bytes_for};
}

}  // namespace sluice::nodes
