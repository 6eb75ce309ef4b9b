#include "nodes/run/together_costs.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "graph/account/common_factor.h"
#include "graph/account/costs.h"
#include "graph/pipeline.h"
#include "io/dataset.h"
#include "io/sample_order.h"
#include "nodes/augment_chain.h"
#include "nodes/data_source.h"
#include "nodes/run/image_source.h"
#include "nodes/run/machine.h"
#include "nodes/run/recipe_checks.h"
#include "nodes/run/setup.h"
#include "nodes/run/statistics.h"
#include "nodes/run/together.h"
#include "nodes/shared_chain.h"
#include "nodes/upload.h"
#include "nodes/watch.h"
#include "runtime/error.h"

namespace sluice::nodes {
namespace {

using Clock = std::chrono::steady_clock;

constexpr double kMicro = 1e6;  // seconds to microseconds

// Passes over the data one after the other, until a time.
class Passes final : public graph::Source {
 public:
  Passes(const io::Dataset& data, std::uint64_t seed, Clock::time_point end)
      : data_(data), seed_(seed), end_(end) {
    begin_pass();
  }
  std::optional<graph::SourceItem> next() override {
    if (Clock::now() >= end_) return std::nullopt;
    if (auto item = pass_->next()) return item;
    begin_pass();
    return pass_->next();
  }

 private:
  void begin_pass() {
    const auto count = static_cast<std::uint32_t>(data_.entries.size());
    pass_.emplace(data_, io::sample_order(count, seed_, epoch_), epoch_);
    ++epoch_;
  }

  const io::Dataset& data_;
  std::uint64_t seed_;
  Clock::time_point end_;
  std::uint32_t epoch_ = 0;
  std::optional<DataSource> pass_;
};

Net net_of(const io::Recipe& recipe, const io::Dataset& data) {
  DataFacts facts = usual_data(recipe);
  facts.extent = image_extent(data);
  Net net = checked_net(recipe, facts);
  check_chain_ends_at(recipe.augment, net.side, facts.extent);
  return net;
}

const io::Recipe& checked_first(std::span<const SheetChain> recipes) {
  check_together(recipes, Sharing::preparation);
  return recipes.front().recipe;
}

}  // namespace

struct TogetherBench::Impl {
  explicit Impl(std::span<const SheetChain> all)
      : recipes(all),
        first(checked_first(all)),
        data(io::open_unlabelled(first.text("data.path"))),
        machine(open_machine(first, {.data_bytes = data_bytes(data)})) {
    for (const SheetChain& recipe : recipes)
      statistics.push_back(neutral_statistics(recipe.recipe));
    pipeline = std::make_unique<graph::Pipeline>(
        *machine.arena, pipeline_options(first, machine, machine.preparation_bytes), streams());
  }

  std::vector<graph::BatchStream> streams() const {
    std::vector<StatedChain> stated;
    for (std::size_t i = 0; i < recipes.size(); ++i)
      stated.push_back({recipes[i].recipe.augment, statistics[i]});
    const auto shared = static_cast<std::ptrdiff_t>(shared_stages(stated));
    graph::Chain trunk = make_chain(first.augment, statistics.front());
    trunk.resize(static_cast<std::size_t>(shared));
    auto branches = graph::split(image_source(data, first) | std::move(trunk),
                                 static_cast<int>(recipes.size()));
    std::vector<graph::BatchStream> all;
    for (std::size_t i = 0; i < recipes.size(); ++i) {
      graph::Chain rest = make_chain(recipes[i].recipe.augment, statistics[i]);
      rest.erase(rest.begin(), rest.begin() + shared);
      all.push_back(
          collated(std::move(branches[i]), std::move(rest), {}, net_of(recipes[i].recipe, data)) |
          Watch{[](const graph::Batch&) {}});
      all.back().name = recipes[i].name;
    }
    return all;
  }

  std::span<const SheetChain> recipes;
  const io::Recipe& first;
  io::Dataset data;
  Machine machine;
  std::vector<Statistics> statistics;
  std::unique_ptr<graph::Pipeline> pipeline;
  AccountRecord before;                      // of the rounds so far
  std::vector<std::vector<double>> seconds;  // [row of the account][round], CPU an image
  std::vector<double> rates;
};

TogetherBench::TogetherBench(std::span<const SheetChain> recipes)
    : impl_(std::make_unique<Impl>(recipes)) {}

TogetherBench::~TogetherBench() = default;

void TogetherBench::round(double seconds, std::stop_token stop) {
  const std::stop_callback on_stop(std::move(stop), [this] { impl_->pipeline->cancel(); });
  const auto end = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                      std::chrono::duration<double>(seconds));
  Passes source(impl_->data, static_cast<std::uint64_t>(impl_->first.integer("seed")), end);
  if (impl_->pipeline->run(source) == graph::RunEnd::cancelled)
    fail(ErrorKind::interrupted, "interrupted while measuring the chains together");
  AccountRecord now = impl_->pipeline->account();
  const AccountRecord& before = impl_->before;
  const double images = graph::images_of(now) - graph::images_of(before);
  impl_->seconds.resize(now.nodes.size());
  for (std::size_t n = 0; n < now.nodes.size(); ++n) {
    const double earlier = before.nodes.empty() ? 0.0 : before.nodes[n].cpu_seconds;
    impl_->seconds[n].push_back((now.nodes[n].cpu_seconds - earlier) / std::max(images, 1.0));
  }
  impl_->rates.push_back(images / (now.wall_seconds - before.wall_seconds));
  impl_->before = std::move(now);
}

TogetherCosts TogetherBench::costs() const {
  TogetherCosts costs{.nodes = {}, .rates = impl_->rates};
  for (std::size_t n = 0; n < impl_->seconds.size(); ++n) {
    const NodeRecord& record = impl_->before.nodes[n];
    if (record.lane != Lane::threads) continue;
    TogetherNode node{.node = record.name,
                      .recipe = {},
                      .microseconds = kMicro * graph::median(impl_->seconds[n])};
    for (const SheetChain& recipe : impl_->recipes) {
      if (!node.node.starts_with(recipe.name + "/")) continue;
      node.node.erase(0, recipe.name.size() + 1);
      node.recipe = recipe.name;
      break;
    }
    costs.nodes.push_back(std::move(node));
  }
  return costs;
}

double microseconds_of(const TogetherCosts& costs, const std::string& recipe) {
  double sum = 0.0;
  for (const TogetherNode& node : costs.nodes)
    if (node.recipe == recipe) sum += node.microseconds;
  return sum;
}

}  // namespace sluice::nodes
