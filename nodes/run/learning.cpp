#include "nodes/run/learning.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>

#include "runtime/backend/cpu_features.h"
#include "runtime/error.h"

namespace sluice::nodes {
namespace {

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

std::vector<std::string_view> words(std::string_view text) {
  std::vector<std::string_view> all;
  while (!trimmed(text).empty()) {
    const std::size_t comma = text.find(',');
    all.push_back(trimmed(text.substr(0, comma)));
    text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
  }
  return all;
}

bool has_parameters(const LayerSpec& spec) {
  return std::holds_alternative<Conv2d>(spec) || std::holds_alternative<PartialConv2d>(spec) ||
         std::holds_alternative<Subsample>(spec) || std::holds_alternative<FullyConnected>(spec);
}

Layer& learning_layer(Net& net, std::string_view key, std::string_view name) {
  std::vector<std::string> valid;
  for (Layer& layer : net.layers) {
    if (!has_parameters(layer.spec)) continue;
    if (layer.name == name) return layer;
    valid.push_back(layer.name);
  }
  fail(ErrorKind::usage, "{}: '{}' is not a layer that learns; valid: {}", key, name,
       fmt::join(valid, ", "));
}

constexpr double kLargestFactor = 1e6;

struct LayerFactor {
  Layer& layer;
  double factor;
};

LayerFactor layer_factor(Net& net, std::string_view key, std::string_view word) {
  const std::size_t equals = word.find('=');
  const std::string_view number =
      equals == std::string_view::npos ? std::string_view{} : trimmed(word.substr(equals + 1));
  double factor = 0.0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), factor);
  require(!number.empty() && error == std::errc{} && end == number.data() + number.size() &&
              factor >= 0.0 && factor <= kLargestFactor,
          "{}: '{}' is not LAYER=FACTOR, as in conv1=0.1, fc8=10", key, word);
  return {learning_layer(net, key, trimmed(word.substr(0, equals))), factor};
}

void freeze(const io::Recipe& recipe, Net& net) {
  const std::string& text = recipe.text("train.freeze");
  if (text == "body") {
    std::vector<Layer*> all;
    for (Layer& layer : net.layers)
      if (has_parameters(layer.spec)) all.push_back(&layer);
    for (std::size_t i = 0; i + 1 < all.size(); ++i) all[i]->learning.frozen = true;
    return;
  }
  for (const std::string_view name : words(text))
    learning_layer(net, "train.freeze", name).learning.frozen = true;
}

bool learns(const Net& net) {
  return std::ranges::any_of(net.layers, [](const Layer& layer) {
    return has_parameters(layer.spec) && !layer.learning.frozen;
  });
}

std::vector<int> parse_epochs(std::string_view text) {
  std::vector<int> epochs;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(','));
    int epoch = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), epoch);
    require(
        error == std::errc{} && end == word.data() + word.size() && epoch > 0 &&
            (epochs.empty() || epoch > epochs.back()),
        "train.schedule_epochs: '{}' is not a later epoch; valid: rising numbers as in 30,60,80",
        word);
    epochs.push_back(epoch);
    text.remove_prefix(word.size() == text.size() ? text.size() : word.size() + 1);
  }
  return epochs;
}

// From a step on: the schedule and the rate that the run has then.
struct Stretch {
  std::int64_t first = 0;
  RateSpec spec;
  double start = 0.0;
};

std::vector<Stretch> stretches(const io::Recipe& recipe) {
  const auto stretch = [&](std::int64_t first) {
    const io::Recipe then = recipe.amended_before(first + 1);
    return Stretch{.first = first, .spec = rate_spec(then), .start = then.real("train.rate")};
  };
  const bool amended_at_once = !recipe.amendments.empty() && recipe.amendments.front().step == 0;
  std::vector<Stretch> all;
  if (!amended_at_once) all.push_back(stretch(0));
  for (const io::Amendment& amendment : recipe.amendments)
    if (all.empty() || all.back().first != amendment.step) all.push_back(stretch(amendment.step));
  return all;
}

}  // namespace

void apply_learning(const io::Recipe& recipe, Net& net) {
  if (recipe.text("train.loss") == "softmax") net.layers.back().spec = SoftmaxLoss{};
  if (recipe.text("train.loss") == "hinge")
    net.layers.back().spec = HingeLoss{.margin = recipe.real("train.margin")};
  for (Layer& layer : net.layers) {
    layer.learning = {.bias_rate = recipe.real("train.bias_rate"),
                      .bias_decay = recipe.real("train.bias_decay")};
  }
  for (const std::string_view word : words(recipe.text("train.layer_rates"))) {
    const auto [layer, factor] = layer_factor(net, "train.layer_rates", word);
    layer.learning.weight_rate *= factor;
    layer.learning.bias_rate *= factor;
  }
  for (const std::string_view word : words(recipe.text("train.layer_decays"))) {
    const auto [layer, factor] = layer_factor(net, "train.layer_decays", word);
    layer.learning.weight_decay *= factor;
    layer.learning.bias_decay *= factor;
  }
  freeze(recipe, net);
  require(learns(net), "train.freeze = \"{}\" leaves no layer that learns",
          recipe.text("train.freeze"));
}

UpdateRule update_rule(const io::Recipe& recipe) {
  if (recipe.text("train.rule") == "diagonal-lm") {
    for (const char* key : {"train.momentum", "train.decay", "train.l1"}) {
      require(recipe.real(key) == 0.0,
              "{} = {}: train.rule = \"diagonal-lm\" has no such term; valid: 0", key,
              recipe.real(key));
    }
    return DiagonalLmRule{.damping = recipe.real("train.damping")};
  }
  const std::string& form = recipe.text("train.form");
  return SgdRule{.momentum = recipe.real("train.momentum"),
                 .l2 = recipe.real("train.decay"),
                 .l1 = recipe.real("train.l1"),
                 .form = form == "pytorch"    ? SgdRule::Form::pytorch
                         : form == "nesterov" ? SgdRule::Form::nesterov
                                              : SgdRule::Form::paper};
}

StepDivision step_division(const io::Recipe& recipe) {
  const StepDivision division{.replicas = static_cast<int>(recipe.integer("train.replicas")),
                              .micro_batch = static_cast<int>(recipe.integer("train.micro_batch"))};
  require(division.replicas <= recipe.integer("train.batch"),
          "train.replicas = {} are more than the {} images of a step; valid: 1 to train.batch",
          division.replicas, recipe.integer("train.batch"));
  require(recipe.text("train.rule") == "sgd" || division.replicas == 1,
          "train.rule = \"diagonal-lm\" runs on one replica; valid: train.replicas = 1");
  return division;
}

int rows_at_once(const io::Recipe& recipe) {
  const StepDivision division = step_division(recipe);
  const int batch = static_cast<int>(recipe.integer("train.batch"));
  const int of_replica = (batch + division.replicas - 1) / division.replicas;
  return division.micro_batch > 0 ? std::min(division.micro_batch, of_replica) : of_replica;
}

Precision precision(const io::Recipe& recipe) {
  if (recipe.text("run.precision") != "bf16") return Precision::f32;
  require(has_native_bf16() || recipe.boolean("run.allow_slow"),
          "run.precision = \"bf16\": this processor has no instructions for it, a step would take "
          "several times that of f32; valid: f32, or bf16 with --allow-slow");
  return Precision::bf16;
}

RateSpec rate_spec(const io::Recipe& recipe) {
  const std::string& schedule = recipe.text("train.schedule");
  const double factor = recipe.real("train.factor");
  if (schedule == "steps") {
    auto epochs = parse_epochs(recipe.text("train.schedule_epochs"));
    require(!epochs.empty(),
            "train.schedule = \"steps\" needs train.schedule_epochs, as in 30,60,80");
    return StepRate{.epochs = std::move(epochs), .factor = factor};
  }
  if (schedule == "plateau") {
    return PlateauRate{.improvement = recipe.real("train.improvement"),
                       .patience = static_cast<int>(recipe.integer("train.patience")),
                       .factor = factor,
                       .divisions = static_cast<int>(recipe.integer("train.divisions"))};
  }
  if (schedule == "inverse")
    return InverseRate{.gamma = recipe.real("train.gamma"), .power = recipe.real("train.power")};
  if (schedule == "every")
    return EverySteps{.steps = recipe.integer("train.every"), .factor = factor};
  if (schedule == "logged") return parse_logged_rate(recipe.text("train.rate_log"));
  return ConstantRate{};
}

std::function<double(std::int64_t)> rate_by_step(const io::Recipe& recipe) {
  std::vector<Stretch> all = stretches(recipe);
  const bool any = std::ranges::any_of(
      all, [](const Stretch& s) { return step_rate(s.spec, {.start_rate = s.start}).has_value(); });
  if (!any) return {};
  return [all = std::move(all)](std::int64_t step) {
    const auto after = std::ranges::upper_bound(all, step, {}, &Stretch::first);
    const Stretch& now = *std::prev(after);
    return step_rate(now.spec, {.step = step, .start_rate = now.start}).value_or(-1.0);
  };
}

std::vector<std::string> learning_layers(const Net& net) {
  std::vector<std::string> names;
  for (const Layer& layer : net.layers)
    names.push_back(has_parameters(layer.spec) ? layer.name : std::string{});
  return names;
}

}  // namespace sluice::nodes
