#include "nodes/run/heard.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "nodes/run/checkpoints.h"
#include "nodes/run/setup.h"
#include "runtime/error.h"

namespace sluice::nodes {
namespace {

// What a key needs to have an effect, and whether that is so.
struct Need {
  std::string_view key;
  bool met;
  std::string_view what;
};

template <class Spec>
bool has(const Net& net) {
  return std::ranges::any_of(
      net.layers, [](const Layer& layer) { return std::holds_alternative<Spec>(layer.spec); });
}

bool has_towers(const Net& net) {
  return std::ranges::any_of(net.layers, [](const Layer& layer) {
    const auto* convolution = std::get_if<Conv2d>(&layer.spec);
    return convolution != nullptr && convolution->groups > 1;
  });
}

// Whether a layer whose name begins so starts from a normal distribution.
bool starts_normal(const Net& net, std::string_view name) {
  return std::ranges::any_of(net.layers, [&](const Layer& layer) {
    return !layer.file_name.empty() && layer.name.starts_with(name) &&
           layer.start.weights == Start::Weights::normal;
  });
}

void add_normalisation(const io::Recipe& recipe, const Net& net, std::vector<Need>& needs) {
  const bool alexnet = net.name == "alexnet";
  const bool there = has<Lrn>(net);
  constexpr std::string_view kBlocks = "a net.block1 or net.block2 with lrn in its name";
  needs.push_back({"net.lrn", there || recipe.text("net.lrn") != "on", kBlocks});
  const std::string_view what =
      alexnet ? "net.lrn = \"on\" and a net.block1 or net.block2 with lrn in its name"
              : "net.lrn = \"on\"";
  for (const std::string_view key :
       {"net.lrn_size", "net.lrn_alpha", "net.lrn_beta", "net.lrn_k", "net.lrn_reading"})
    needs.push_back({key, there, what});
  needs.push_back({"net.lrn_maps", there && has_towers(net),
                   "normalisation (net.lrn, net.block1, net.block2) and net.towers = \"two\""});
}

void add_start(const io::Recipe& recipe, const Net& net, std::vector<Need>& needs) {
  constexpr std::string_view kNormal = "weights that start normal: train.init = \"normal\"";
  needs.push_back({"net.deviation", starts_normal(net, ""), kNormal});
  needs.push_back({"net.deviation_conv345", starts_normal(net, "conv3"), kNormal});
  needs.push_back({"net.deviation_fc67", starts_normal(net, "fc6"), kNormal});
  const std::string& init = recipe.text("train.init");
  needs.push_back({"net.bias", init == "variant" || init == "normal",
                   "train.init = \"variant\" or \"normal\""});
}

void add_schedule(const io::Recipe& recipe, std::vector<Need>& needs) {
  const std::string& schedule = recipe.text("train.schedule");
  const bool steps = schedule == "steps", every = schedule == "every";
  const bool plateau = schedule == "plateau", inverse = schedule == "inverse";
  constexpr std::string_view kPlateau = "train.schedule = \"plateau\"";
  constexpr std::string_view kInverse = "train.schedule = \"inverse\"";
  needs.push_back({"train.schedule_epochs", steps, "train.schedule = \"steps\""});
  needs.push_back({"train.gamma", inverse, kInverse});
  needs.push_back({"train.power", inverse, kInverse});
  needs.push_back({"train.every", every, "train.schedule = \"every\""});
  needs.push_back({"train.rate_log", schedule == "logged", "train.schedule = \"logged\""});
  needs.push_back({"train.factor", steps || every || plateau,
                   "train.schedule = \"plateau\", \"steps\" or \"every\""});
  for (const std::string_view key : {"train.patience", "train.improvement", "train.divisions"})
    needs.push_back({key, plateau, kPlateau});
}

void add_rule(const io::Recipe& recipe, std::vector<Need>& needs) {
  const bool sgd = recipe.text("train.rule") == "sgd";
  const bool decays = recipe.real("train.decay") > 0.0 || recipe.real("train.l1") > 0.0;
  constexpr std::string_view kDecay = "train.rule = \"sgd\" with train.decay or train.l1 above 0";
  constexpr std::string_view kSecondOrder = "train.rule = \"diagonal-lm\"";
  needs.push_back({"train.form", sgd && recipe.real("train.momentum") > 0.0,
                   "train.rule = \"sgd\" with train.momentum above 0"});
  needs.push_back({"train.bias_decay", sgd && decays, kDecay});
  needs.push_back({"train.layer_decays", sgd && decays, kDecay});
  needs.push_back({"train.damping", !sgd, kSecondOrder});
  needs.push_back({"train.curvature_images", !sgd, kSecondOrder});
  needs.push_back(
      {"train.full_step", recipe.text("train.view") == "full", "train.view = \"full\""});
  needs.push_back({"train.margin", recipe.text("train.loss") == "hinge", "train.loss = \"hinge\""});
}

void add_run(const io::Recipe& recipe, std::vector<Need>& needs) {
  const std::string& backend = recipe.text("run.backend");
  const bool f32 = recipe.text("run.precision") == "f32";
  needs.push_back({"run.f32_math", f32 && (backend == "auto" || backend == "cudnn"),
                   "run.precision = \"f32\" with run.backend = \"cudnn\""});
  needs.push_back({"run.dump_steps", !recipe.text("run.dump").empty(), "run.dump = \"FOLDER\""});
  needs.push_back({"run.keep_checkpoints",
                   !checkpoint_rhythm(recipe.text("run.checkpoint_every")).never(),
                   "run.checkpoint_every above 0"});
}

// The same keys in the same order, whatever the recipe.
std::vector<Need> needs_of(const io::Recipe& recipe, const Net& net) {
  std::vector<Need> needs;
  add_normalisation(recipe, net, needs);
  constexpr std::string_view kDropout = "net.dropout above 0";
  needs.push_back({"net.dropout_scaling", has<Dropout>(net), kDropout});
  needs.push_back({"net.dropout_place", has<Dropout>(net), kDropout});
  add_start(recipe, net, needs);
  add_schedule(recipe, needs);
  add_rule(recipe, needs);
  add_run(recipe, needs);
  return needs;
}

std::string value_text(const io::Recipe& recipe, std::string_view key) {
  switch (io::find_recipe_key(key).type) {
    case io::ValueType::boolean:
      return io::to_text(recipe.boolean(key));
    case io::ValueType::integer:
      return io::to_text(recipe.integer(key));
    case io::ValueType::real:
      return io::to_text(recipe.real(key));
    case io::ValueType::text:
      break;
  }
  return io::to_text(recipe.text(key));
}

// What a recipe has where nobody says anything.
struct Defaults {
  io::Recipe of_keys;
  io::Recipe of_variant;

  bool said_by_nobody(const io::Recipe& recipe, std::string_view key) const {
    const std::string value = value_text(recipe, key);
    return value == value_text(of_keys, key) || value == value_text(of_variant, key);
  }
};

// The recipe as it is from its beginning and from each amendment on.
std::vector<io::Recipe> stretches(const io::Recipe& recipe) {
  std::vector<io::Recipe> all{recipe.amended_before(0)};
  for (const io::Amendment& amendment : recipe.amendments)
    all.push_back(recipe.amended_before(amendment.step + 1));
  return all;
}

}  // namespace

void check_heard(const io::Recipe& recipe, const Net& net) {
  const Defaults defaults{.of_keys = {},
                          .of_variant = default_recipe(net.name, recipe.text("net.variant"))};
  const std::vector<io::Recipe> all = stretches(recipe);
  std::vector<std::vector<Need>> needs;
  for (const io::Recipe& stretch : all) needs.push_back(needs_of(stretch, net));
  for (std::size_t key = 0; key < needs.front().size(); ++key) {
    const Need& need = needs.front()[key];
    const io::Recipe* given = nullptr;
    bool heard = false;
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (defaults.said_by_nobody(all[i], need.key)) continue;
      if (given == nullptr) given = &all[i];
      heard = heard || needs[i][key].met;
    }
    require(given == nullptr || heard || !recipe.says(need.key),
            "{} = {} changes nothing here, it needs {}", need.key,
            given == nullptr ? std::string() : value_text(*given, need.key), need.what);
  }
}

}  // namespace sluice::nodes
