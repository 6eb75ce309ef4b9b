#include "graph/account/model.h"

#include <algorithm>
#include <cmath>

namespace sluice::graph {
namespace {

// Cores that `threads` get, beside others that want as many as there are of them.
double cores_got(double threads, double cores, double competitors) {
  const double fair = cores * threads / std::max(threads + competitors, 1e-9);
  return std::min({threads, cores, std::max(fair, 0.0)});
}

double inverse(double seconds) { return seconds > 0.0 ? 1.0 / seconds : HUGE_VAL; }

const NodeCost* costliest(const Model& model) {
  const NodeCost* most = nullptr;
  for (const NodeCost& cost : model.costs.nodes) {
    if (cost.elsewhere) continue;
    if (most == nullptr || cost.cpu + cost.waits > most->cpu + most->waits) most = &cost;
  }
  return most;
}

Limit of_threads(const Model& model) {
  const double rate = thread_rate({.cpu = model.costs.cpu(),
                                   .waits = model.costs.waits(),
                                   .threads = model.threads,
                                   .cores = model.cores,
                                   .competitors = model.competitors});
  const double yield = 1.0 / (1.0 + model.loss_per_thread * (model.threads - 1));
  const NodeCost* node = costliest(model);
  return {.resource = model.threads < model.cores ? "threads" : "cores",
          .node = node == nullptr ? std::string() : node->name,
          .images_per_second = rate * yield * model.fit};
}

// The step on a device, or on the CPU where its own serial parts limit.
void add_step(const Model& model, std::vector<Limit>& limits) {
  const NodeCost* most = nullptr;
  double elsewhere = 0.0;
  for (const NodeCost& cost : model.costs.nodes) {
    if (cost.lane != Lane::step) continue;
    if (cost.elsewhere) elsewhere += cost.busy;
    if (most == nullptr || cost.busy > most->busy) most = &cost;
  }
  if (elsewhere > 0.0) limits.push_back({"step", most->name, inverse(elsewhere) * model.lane_fit});
  if (model.step_alone && most != nullptr) {
    const double part = model.step_serial_part + (1.0 - model.step_serial_part) / model.threads;
    limits.push_back({"step", most->name, inverse(*model.step_alone * part)});
  }
}

}  // namespace

double competitors_behind(double wanted, double got, double cores) {
  if (got <= 0.0 || got >= std::min(wanted, cores)) return 0.0;
  return std::max(cores * wanted / got - wanted, 0.0);
}

Model without_waits(Model model, const std::string& node) {
  double waits = 0.0, cpu = 0.0;
  for (const NodeCost& cost : model.costs.nodes) {
    if (cost.lane == Lane::threads) cpu += cost.cpu;
    if (cost.name == node) waits += cost.waits;
  }
  if (waits <= 0.0) return model;
  const double of_all = waits / model.costs.waits();
  const double warm = cpu > 0.0 ? 1.0 - of_all * model.costs.cold / cpu : 1.0;
  for (NodeCost& cost : model.costs.nodes) {
    if (cost.lane == Lane::threads) cost.cpu *= warm;
    if (cost.name == node) cost.waits = 0.0;
  }
  model.costs.cold *= 1.0 - of_all;
  return model;
}

// A closed network: `threads` go round between standing still (as many at a time as there are) and
// the cores. With exponential times, state j = threads that want a core; the rate is insensitive to
// how the standing is distributed.
double thread_rate(const ThreadWork& work) {
  const auto served = [&](int wanting) {
    return cores_got(wanting, work.cores, work.competitors) / work.cpu;
  };
  if (work.threads <= 0) return 0.0;
  if (work.cpu <= 0.0) return work.waits > 0.0 ? work.threads / work.waits : HUGE_VAL;
  if (work.waits <= 0.0) return served(work.threads);
  double weight = 1.0;
  double weights = 1.0;
  double rate = 0.0;
  for (int wanting = 1; wanting <= work.threads; ++wanting) {
    weight *= (work.threads - wanting + 1) / work.waits / served(wanting);
    weights += weight;
    rate += weight * served(wanting);
    if (weights > 1e100) {
      weight /= weights;
      rate /= weights;
      weights = 1.0;
    }
  }
  return rate / weights;
}

std::vector<Limit> limits(const Model& model) {
  std::vector<Limit> all{of_threads(model)};
  add_step(model, all);
  for (const NodeCost& cost : model.costs.nodes) {
    if (cost.lane == Lane::own && cost.busy > 0.0)
      all.push_back({cost.name, cost.name, inverse(cost.busy) * model.lane_fit});
  }
  if (model.in_flight_cap) all.push_back({model.in_flight_resource, "", *model.in_flight_cap});
  std::ranges::sort(all, {}, &Limit::images_per_second);
  return all;
}

}  // namespace sluice::graph
