#include "graph/account/prediction.h"

#include <algorithm>
#include <cmath>

#include "graph/account/shares.h"

namespace sluice::graph {
namespace {

constexpr double kUsualLoss = 0.02;  // of thread time for each further thread
constexpr double kMostLoss = 0.1;
constexpr double kNearError = 0.03;  // of the predicted rate
constexpr double kFarError = 0.08;
constexpr double kScheduling = 0.01;  // of the nodes' CPU, where threads are busy
// Of thread time, and only where threads are taken: whoever sleeps and wakes waits for a core, too.
constexpr double kDelayedByOthers = 0.08;
constexpr double kTaken = 0.8;

bool threads_limit(const Finding& finding, const Shares& shares) {
  static const std::vector<std::string> kOfThreads = {"cores", "threads", "disk", "slow images",
                                                      "other processes"};
  return shares.taken() >= 0.8 &&
         std::ranges::find(kOfThreads, finding.resource) != kOfThreads.end();
}

// Thread time is lost for each further thread; what is left over is a factor.
void fit_threads(Model& model, double rate) {
  Model plain = model;
  plain.loss_per_thread = 0.0;
  plain.fit = 1.0;
  const double yield = rate / thread_rate({.cpu = plain.costs.cpu(),
                                           .waits = plain.costs.waits(),
                                           .threads = plain.threads,
                                           .cores = plain.cores,
                                           .competitors = plain.competitors});
  if (!(yield > 0.0)) return;
  if (model.threads > 1)
    model.loss_per_thread = std::clamp((1.0 / yield - 1.0) / (model.threads - 1), 0.0, kMostLoss);
  model.fit = yield * (1.0 + model.loss_per_thread * (model.threads - 1));
  if (model.threads == 1) model.loss_per_thread = kUsualLoss;
}

void fit_lane(Model& model, double rate) {
  model.lane_fit = 1.0;
  double tightest = HUGE_VAL;
  for (const Limit& limit : limits(model)) {
    if (limit.resource != "cores" && limit.resource != "threads")
      tightest = std::min(tightest, limit.images_per_second);
  }
  model.lane_fit = std::isfinite(tightest) ? std::clamp(rate / tightest, 0.5, 1.0) : 1.0;
}

// The step alone on the cores: seconds an image with this many threads, and which part of its CPU
// does not spread over them (Amdahl).
void fit_step_alone(Model& model, double rate) {
  double cpu = 0.0;
  for (const NodeCost& cost : model.costs.nodes) cpu += cost.lane == Lane::step ? cost.cpu : 0.0;
  if (cpu <= 0.0) return;
  const double threads = model.threads;
  const double part = (1.0 / (rate * cpu) - 1.0 / threads) / (1.0 - 1.0 / threads);
  model.step_alone = cpu;
  model.step_serial_part = threads > 1 ? std::clamp(part, 0.0, 1.0) : 0.0;
}

}  // namespace

Model fitted_model(const AccountRecord& account, const ImageCosts& costs, const Finding& finding,
                   const Rate& rate) {
  const Shares shares = shares_of(account, costs);
  Model model{.costs = costs,
              .threads = std::max(account.threads, 1),
              .cores = static_cast<double>(account.cores > 0 ? account.cores : account.threads),
              .loss_per_thread = kUsualLoss};
  if (shares.delayed >= kDelayedByOthers && shares.taken() >= kTaken)
    model.competitors = competitors_behind(model.threads * (shares.computing + shares.delayed),
                                           model.threads * shares.computing, model.cores);
  // Threads that are idle in between look for work and go to sleep: no cost of an image's.
  if (shares.taken() < 0.85)
    model.costs.scheduler =
        std::min(costs.scheduler, kScheduling * (costs.cpu() - costs.scheduler));
  const Lanes lanes = lanes_of(account);
  if (threads_limit(finding, shares)) {
    fit_threads(model, rate.images_per_second);
  } else if (finding.resource == "step" && lanes.device <= 0.0) {
    fit_step_alone(model, rate.images_per_second);
  } else if (finding.resource == "memory" || finding.resource == "slots" ||
             finding.resource == "slow images") {
    model.in_flight_cap = rate.images_per_second;
    model.in_flight_resource = finding.resource;
  } else if (finding.resource != "balanced" || lanes.device >= 0.85) {
    fit_lane(model, rate.images_per_second);
  }
  // Where nothing limits nothing was fitted: the unknown that keeps everything below its limit
  // stays.
  const double now = limits(model).front().images_per_second;
  if (finding.resource == "balanced" && std::isfinite(now) && now > rate.images_per_second) {
    model.fit *= rate.images_per_second / now;
    model.lane_fit *= rate.images_per_second / now;
  }
  return model;
}

Rate predicted_rate(const Model& model, const Rate& measured, Reach reach) {
  const double rate = limits(model).front().images_per_second;
  const double own =
      measured.images_per_second > 0.0 ? measured.error / measured.images_per_second : 0.0;
  const double error = rate * std::hypot(own, reach == Reach::near ? kNearError : kFarError);
  if (reach != Reach::hope) return {.images_per_second = rate, .error = error};
  return {.images_per_second = rate,
          .error = std::max(error, std::abs(rate - measured.images_per_second))};
}

Model with_threads(Model model, int threads) {
  model.threads = threads;
  model.cores = std::max(model.cores, static_cast<double>(threads));
  return model;
}

std::vector<ThreadPrediction> predict_threads(const AccountRecord& account, const Rate& measured,
                                              const std::vector<int>& threads) {
  const ImageCosts costs = costs_of(account);
  if (costs.images <= 0.0) return {};
  const Model model = fitted_model(account, costs, find_limit(account, costs), measured);
  std::vector<ThreadPrediction> predictions;
  for (const int count : threads) {
    const Model then = with_threads(model, count);
    const bool near = count <= 2 * model.threads && 2 * count >= model.threads;
    predictions.push_back({.threads = count,
                           .rate = predicted_rate(then, measured, near ? Reach::near : Reach::far),
                           .limit = limits(then).front().resource,
                           .needs_cores = count > model.cores});
  }
  return predictions;
}

}  // namespace sluice::graph
