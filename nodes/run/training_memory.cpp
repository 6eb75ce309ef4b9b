// What a training run's net needs in all, and what it would with fewer images at once.
#include <algorithm>

#include "nodes/run/learning.h"
#include "nodes/run/training.h"
#include "runtime/backend/replicas.h"

namespace sluice::nodes {
namespace {

// The copy, and the one parameter that is being put into canonical order.
std::size_t checkpoint_bytes(const NetState& state) {
  std::size_t largest = 0;
  for (const Parameter& parameter : state.parameters())
    largest = std::max(largest, parameter.layout->floats() * sizeof(float));
  return NetCopy::bytes_for(state) + largest;
}

std::size_t bytes_of(const std::unique_ptr<Program>& program) {
  return program ? program->bytes() : 0;
}

}  // namespace

ProgramOptions Training::program_options(Purpose purpose) const {
  return {.batch = static_cast<int>(recipe_.integer("train.batch")),
          .purpose = purpose,
          .rule = rule_,
          .precision = precision(recipe_)};
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
  const std::size_t others = state_->bytes() + bytes_of(curvature_program_) +
                             (rhythm_.never() ? 0 : checkpoint_bytes(*state_));
  const int batch = program_options(Purpose::training).batch;
  const int of_replica = (batch + division.replicas - 1) / division.replicas;
  // In pieces: what they add up in counts too, so that it fits with either flag.
  const auto bytes_for = [this, division, others](int rows) {
    return others + program_bytes({.replicas = division.replicas, .micro_batch = rows});
  };
  return {
      .bytes = others + bytes_of(trainer_) + bytes_of(tester_),
      .taken = state_->bytes() * static_cast<std::size_t>(division.replicas),
      .rows = division.micro_batch > 0 ? std::min(division.micro_batch, of_replica) : of_replica,
      .bytes_for = bytes_for,
      .flags = {"--batch", "--micro-batch"}};
}

}  // namespace sluice::nodes
