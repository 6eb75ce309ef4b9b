#include "nodes/curvature.h"

#include <utility>

namespace sluice::nodes {

void Curvature::run(graph::Batch& batch, Completion done) {
  Program* program = context.program;
  const StepInput input = step_input(batch, *context.clock, Phase::curvature);
  program->run(Phase::forward, input,
               [program, input, done = std::move(done)](std::exception_ptr failure) {
                 if (failure) return done(failure);
                 program->run(Phase::curvature, input, done);
               });
}

}  // namespace sluice::nodes
