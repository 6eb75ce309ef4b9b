#include "nodes/run/compare.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "graph/account/common_factor.h"
#include "graph/account/costs.h"
#include "graph/account/other_chain.h"
#include "nodes/run/profile.h"
#include "nodes/run/together.h"
#include "nodes/run/train.h"
#include "nodes/run/trained_before.h"
#include "runtime/error.h"

namespace sluice::nodes {
namespace {

constexpr double kMicro = 1e6;  // seconds to microseconds

// What does not change what a net is: its step costs the same.
bool same_step(const io::Recipe& a, const io::Recipe& b) {
  const std::vector<std::string> differences = io::recipe_differences(a, b);
  return std::ranges::none_of(differences, [](const std::string& words) {
    return words.starts_with("net.") || words.starts_with("train.batch") ||
           words.starts_with("run.") || words.starts_with("train.replicas") ||
           words.starts_with("train.micro");
  });
}

class Comparing {
 public:
  Comparing(std::span<const SheetChain> recipes, const CompareRequest& request,
            const Listener& listener, std::stop_token stop)
      : recipes_(recipes), request_(request), listener_(listener), stop_(std::move(stop)) {
    for (const SheetChain& recipe : recipes)
      results_.push_back({.name = recipe.name, .nodes = {}, .rates = {}});
    chains_.resize(recipes.size());
  }

  Comparison run() {
    Comparison comparison;
    if (request_.pipelines == Pipelines::one) together_.emplace(recipes_);
    for (int round = 0; round < request_.rounds; ++round) {
      for (std::size_t i = 0; i < recipes_.size(); ++i)
        profile_chain((i + static_cast<std::size_t>(round)) % recipes_.size());
      profile_together();
    }
    if (together_) comparison.together = together_->costs();
    together_.reset();
    for (std::size_t i = 0; i < recipes_.size(); ++i) take_nodes(i);
    profile_whole();
    for (int seed = 1; seed <= request_.seeds; ++seed) train_all(seed);
    comparison.recipes = std::move(results_);
    return comparison;
  }

 private:
  AccountRecord profiled(const io::Recipe& recipe, const std::string& until) {
    io::Recipe endless = recipe_alone(recipe);
    endless.set("train.epochs", "100000");
    const Listener quiet{.say = {}, .warning = listener_.warning, .progress = {}};
    ProfileResult result =
        profile(endless, {.until = until, .seconds = request_.seconds}, quiet, stop_);
    if (result.interrupted) fail(ErrorKind::interrupted, "interrupted while profiling");
    return std::move(result.account);
  }

  void profile_chain(std::size_t index) {
    listener_.tell(fmt::format("profile of {}", results_[index].name));
    AccountRecord account = profiled(recipes_[index].recipe, "collate");
    results_[index].rates.push_back(account.verdict.rate.images_per_second);
    chains_[index].push_back(std::move(account));
  }

  void profile_together() {
    if (!together_) return;
    listener_.tell("profile of all chains together");
    together_->round(request_.seconds, stop_);
  }

  void take_nodes(std::size_t index) {
    const AccountRecord& first = chains_[index].front();
    for (std::size_t n = 0; n < first.nodes.size(); ++n) {
      if (first.nodes[n].lane != Lane::threads) continue;
      std::vector<double> costs;
      for (const AccountRecord& account : chains_[index])
        costs.push_back(kMicro * account.nodes[n].cpu_seconds /
                        std::max(graph::images_of(account), 1.0));
      results_[index].nodes.push_back({first.nodes[n].name, graph::median(std::move(costs))});
    }
  }

  void profile_whole() {
    listener_.tell(fmt::format("profile of the whole step of {}", results_.front().name));
    const AccountRecord whole = profiled(recipes_.front().recipe, "");
    const Rate& rate = whole.verdict.rate;
    if (whole.verdict.resource.empty()) return;
    results_.front().whole = WholeRate{rate};
    for (std::size_t i = 1; i < recipes_.size(); ++i) {
      if (same_step(recipes_.front().recipe, recipes_[i].recipe)) {
        results_[i].whole = WholeRate{
            graph::rate_with_chain({whole, rate, chains_.front().back(), chains_[i].back()}), true};
        continue;
      }
      const AccountRecord own = profiled(recipes_[i].recipe, "");
      if (!own.verdict.resource.empty()) results_[i].whole = WholeRate{own.verdict.rate};
    }
  }

  void train_all(int seed) {
    std::vector<TogetherRun> runs;
    for (const SheetChain& recipe : recipes_) {
      runs.push_back({.name = recipe.name,
                      .recipe = recipe_of_seed(recipe.recipe, request_.out, seed),
                      .out = compared_run(request_.out, recipe.name, seed)});
    }
    if (request_.pipelines == Pipelines::one) {
      listener_.tell(fmt::format("training {} recipes side by side, seed {}", runs.size(), seed));
      const std::vector<TrainResult> trained = train_together(runs, listener_, stop_);
      for (std::size_t i = 0; i < trained.size(); ++i) take_trained(i, seed, trained[i]);
      return;
    }
    for (std::size_t i = 0; i < runs.size(); ++i) train_one(i, seed, runs[i]);
  }

  void train_one(std::size_t index, int seed, const TogetherRun& run) {
    listener_.tell(fmt::format("training {}, seed {}: {}", run.name, seed, run.out.string()));
    RunStart start = start_or_resume(run.recipe, run.out, listener_);
    take_trained(index, seed, train(run.recipe, std::move(start), listener_, stop_));
  }

  void take_trained(std::size_t index, int seed, const TrainResult& trained) {
    ComparedRecipe& result = results_[index];
    if (trained.end == graph::RunEnd::cancelled)
      fail(ErrorKind::interrupted, "interrupted while training {}, seed {}", result.name, seed);
    require(!trained.epochs.empty() && trained.epochs.back().val_top1.has_value(),
            "{}: nothing was validated; valid: data with a validation part, one epoch or more",
            result.name);
    const io::EpochRow& last = trained.epochs.back();
    result.losses.push_back(last.train_loss);
    result.top1.push_back(*last.val_top1);
    result.per_class.push_back(last.val_per_class.value_or(0.0));
    double seconds = 0.0;
    for (const io::EpochRow& epoch : trained.epochs) seconds += epoch.seconds;
    result.seconds.push_back(seconds);
  }

  std::span<const SheetChain> recipes_;
  const CompareRequest& request_;
  const Listener& listener_;
  std::stop_token stop_;
  std::vector<std::vector<AccountRecord>> chains_;  // [recipe][round]
  std::optional<TogetherBench> together_;
  std::vector<ComparedRecipe> results_;
};

}  // namespace

ComparedPair against(const ComparedRecipe& first, const ComparedRecipe& other) {
  const auto logs = [](std::vector<double> values) {
    for (double& value : values) value = std::log(std::max(value, 1e-9));
    return values;
  };
  return {.log_rate = graph::mean_difference(logs(first.rates), logs(other.rates)),
          .top1 = graph::mean_difference(first.top1, other.top1),
          .per_class = graph::mean_difference(first.per_class, other.per_class)};
}

std::string words_of(const graph::MeanOf& difference) {
  if (!difference.known()) return {};
  if (std::abs(difference.mean) <= difference.half_interval) return "no difference shown";
  return difference.mean > 0.0 ? "more" : "less";
}

Comparison compare(std::span<const SheetChain> recipes, const CompareRequest& request,
                   const Listener& listener, std::stop_token stop) {
  require(recipes.size() >= 2, "one recipe has nothing to be compared with; name two or more");
  require(request.seeds == 0 || !request.out.empty(),
          "trained nets need a folder; name one with --out DIR");
  check_trained_before(recipes);
  if (request.pipelines == Pipelines::one)
    check_together(recipes, request.seeds > 0 ? Sharing::training : Sharing::preparation);
  return Comparing(recipes, request, listener, std::move(stop)).run();
}

}  // namespace sluice::nodes
