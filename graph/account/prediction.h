// What rate a run would have if something were different.
#pragma once

#include <vector>

#include "graph/account/costs.h"
#include "graph/account/facts.h"
#include "graph/account/finding.h"
#include "graph/account/model.h"
#include "runtime/account.h"

namespace sluice::graph {

// The model of a run that was measured at `rate`: it gives that rate back where nothing is changed.
Model fitted_model(const AccountRecord& account, const ImageCosts& costs, const Finding& finding,
                   const Rate& rate);

// How sure a prediction can be.
enum class Reach {
  near,  // the same resources, fewer or more of them
  far,   // another resource limits, or the model had to assume something
  hope,  // it may gain nothing at all
};

// The model's rate, with an error from the measured rate's own and from `reach`.
Rate predicted_rate(const Model& model, const Rate& measured, Reach reach);

// The model with `threads` on as many cores as they need (at least those of the machine).
Model with_threads(Model model, int threads);

// For each of `threads`, from one run.
std::vector<ThreadPrediction> predict_threads(const AccountRecord& account, const Rate& measured,
                                              const std::vector<int>& threads);

}  // namespace sluice::graph
