#include "graph/account/other_chain.h"

#include "graph/account/costs.h"
#include "graph/account/finding.h"
#include "graph/account/prediction.h"

namespace sluice::graph {
namespace {

double image_cpu(const ImageCosts& costs) {
  double cpu = 0.0;
  for (const NodeCost& cost : costs.nodes) cpu += cost.lane == Lane::threads ? cost.cpu : 0.0;
  return cpu;
}

}  // namespace

Rate rate_with_chain(const ChainRuns& runs) {
  const ImageCosts whole = costs_of(runs.whole), own = costs_of(runs.own),
                   other = costs_of(runs.other);
  if (image_cpu(own) <= 0.0 || image_cpu(whole) <= 0.0) return {};
  Model model = fitted_model(runs.whole, whole, find_limit(runs.whole, whole), runs.rate);
  // Beside a net that uses the same caches a chain takes longer than alone.
  const double beside = image_cpu(whole) / image_cpu(own);
  std::erase_if(model.costs.nodes, [](const NodeCost& cost) { return cost.lane == Lane::threads; });
  for (NodeCost cost : other.nodes) {
    if (cost.lane != Lane::threads) continue;
    cost.cpu *= beside;
    cost.busy *= beside;
    model.costs.nodes.push_back(std::move(cost));
  }
  return predicted_rate(model, runs.rate, Reach::near);
}

}  // namespace sluice::graph
