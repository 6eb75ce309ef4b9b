#include "nodes/run/recipe_checks.h"

#include <algorithm>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "nodes/augment_chain.h"
#include "nodes/run/checkpoints.h"
#include "nodes/run/full_view.h"
#include "nodes/run/heard.h"
#include "nodes/run/image_source.h"
#include "nodes/run/learning.h"
#include "nodes/run/machine.h"
#include "nodes/run/setup.h"
#include "nodes/run/start_weights.h"
#include "nodes/run/statistics.h"
#include "runtime/backend/update_factors.h"
#include "runtime/error.h"

namespace sluice::nodes {
namespace {

constexpr int kUsualClasses = 1000;
constexpr int kDigits = 10;
constexpr Extent kDigit{28, 28};

Net net_for(const io::Recipe& recipe, const DataFacts& data) {
  const auto given = static_cast<int>(recipe.integer("net.classes"));
  Net net = make_net(recipe, given > 0 ? given : data.classes);
  require(class_count(net) >= data.classes, "net.classes = {} is less than the data's {} classes",
          class_count(net), data.classes);
  return net;
}

// Every schedule that the recipe and its amendments name.
void check_rates(const io::Recipe& recipe, std::span<const std::string> layers, bool validates) {
  const auto check = [&](const io::Recipe& amended) {
    const RateSpec rate = rate_spec(amended);
    start_schedule(rate, amended.real("train.rate"));  // throws what no schedule can do
    const std::vector<double> own = own_rates(rate, std::numeric_limits<int>::max(), layers);
    const bool any = std::ranges::any_of(own, [](double one) { return one > 0.0; });
    require(!any || amended.real("train.rate") > 0.0,
            "train.rate = 0 with rates of single layers in train.rate_log; valid: a rate above 0");
    require(
        validates || !std::holds_alternative<PlateauRate>(rate),
        "train.schedule = \"plateau\" needs validation images; add val/, --val-fraction, or take "
        "--schedule constant");
  };
  check(recipe.amended_before(0));
  for (const io::Amendment& amendment : recipe.amendments)
    check(recipe.amended_before(amendment.step + 1));
}

}  // namespace

DataFacts facts_of(const io::Split& data) {
  return {.classes = static_cast<int>(data.train.classes.size()),
          .extent = image_extent(data.train),
          .validates = !data.val.entries.empty()};
}

DataFacts usual_data(const io::Recipe& recipe) {
  const bool digits = recipe.text("net.name") == "lenet5";
  const auto given = static_cast<int>(recipe.integer("net.classes"));
  const int usual = digits ? kDigits : kUsualClasses;
  return {.classes = given > 0 ? given : usual,
          .extent = digits ? std::optional(kDigit) : std::nullopt};
}

Net checked_net(const io::Recipe& recipe, const DataFacts& data) {
  Net net = net_for(recipe, data);
  check_rule(net, update_rule(recipe));
  (void)step_division(recipe);
  (void)precision(recipe);
  check_rates(recipe, learning_layers(net), data.validates);
  check_chain(recipe);
  check_memory_text(recipe);
  (void)checkpoint_rhythm(recipe.text("run.checkpoint_every"));
  check_heard(recipe, net);
  return net;
}

Net checked_training_net(const io::Recipe& recipe, const DataFacts& data) {
  Net net = checked_net(recipe, data);
  check_full_view(recipe, net);
  if (!is_full_view(recipe)) check_chain_ends_at(recipe.augment, net.side, data.extent);
  check_chain_ends_at(evaluation_chain(recipe), net.side, data.extent);
  return net;
}

void check_starting_weights(const io::Recipe& recipe, const Net& net) {
  const StartFrom start = start_from_recipe(recipe);
  if (!start.file.empty()) check_start(start, net);
}

}  // namespace sluice::nodes
