#include "nodes/run/run_phase.h"

#include <exception>
#include <future>

namespace sluice::nodes {

void run_phase(Program& program, Phase phase, const StepInput& input) {
  std::promise<std::exception_ptr> told;
  program.run(phase, input, [&](std::exception_ptr failure) { told.set_value(failure); });
  if (const auto failure = told.get_future().get()) std::rethrow_exception(failure);
}

}  // namespace sluice::nodes
