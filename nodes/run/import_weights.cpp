#include "nodes/run/import_weights.h"

#include <array>
#include <set>
#include <string_view>

#include "io/caffe_weights.h"
#include "io/input_file.h"
#include "io/text.h"
#include "io/weights.h"
#include "nodes/augment_chain.h"
#include "nodes/run/brought_info.h"
#include "nodes/run/foreign_match.h"
#include "nodes/run/net_keys.h"
#include "nodes/run/setup.h"
#include "runtime/error.h"

namespace sluice::nodes {
namespace {

constexpr std::uint64_t kMostNameBytes = 16 << 20;

// ImageNet's, as torchvision's models take them: of values 0 to 1 (FACTS 1.6).
constexpr std::array kTorchvisionMean = {0.485, 0.456, 0.406};
constexpr std::array kTorchvisionDeviation = {0.229, 0.224, 0.225};
// Of values 0 to 255, in RGB: the mean of BVLC's mean image; what VGG's authors give with their
// files, to three digits (FACTS 2.4).
constexpr std::array kBvlcMean = {122.67891434, 116.66876762, 104.00698793};
constexpr std::array kVggMean = {123.68, 116.779, 103.939};

bool of_caffe(const ImportRequest& request) { return request.format == io::ForeignFormat::caffe; }

// Which of the two that Caffe has: they differ in the order of two layers, not in any shape.
std::string caffe_alexnet(const ImportRequest& request) {
  const std::string title = io::open_caffe_weights(request.weights).title;
  if (title == "CaffeNet") return "caffenet";
  return title == "AlexNet" ? "caffe" : "";
}

void check_known(const Net& net, const ImportRequest& request) {
  const bool known = net.name != "alexnet" || net.variant == "caffe" || net.variant == "caffenet";
  require(!of_caffe(request) || known,
          "{} does not say which of Caffe's two AlexNets it is; valid: --variant caffe "
          "(bvlc_alexnet: norm, then pool) or --variant caffenet (pool, then norm)",
          io::one_line(request.weights.string()));
}

using Brought = std::optional<io::WeightsInfo>;

Brought brought_by(const ImportRequest& request) {
  const bool ours = request.format == io::ForeignFormat::safetensors;
  return ours ? brought_info(request.weights) : std::nullopt;
}

// The net's defaults with the file's net and chain in their places.
io::Recipe recipe_of(const io::WeightsInfo& brought, const std::string& net,
                     const std::string& file) {
  require(brought.net == net, "{} holds {}; this program imports {}", file,
          io::one_line(brought.net), net);
  io::Recipe trained = default_recipe(net, brought.variant);
  if (!brought.recipe.empty()) trained.load_text(brought.recipe, file + "'s recipe");
  require(brought.recipe.empty() || trained.text("net.variant") == brought.variant,
          "{} says it is {}, its recipe says {}; valid: one of them", file,
          io::one_line(brought.variant), io::one_line(trained.text("net.variant")));
  io::Recipe recipe = with_net_keys(default_recipe(net, brought.variant), trained);
  recipe.augment = io::chain_from_toml(brought.input_chain, file + "'s input chain");
  recipe.evaluation.clear();
  return recipe;
}

Statistics statistics_of(const io::Recipe& recipe, const ImportRequest& request,
                         const Brought& brought) {
  if (brought) return brought->statistics;
  if (!request.mean.empty()) return io::read_caffe_mean(request.mean);
  Statistics statistics;
  if (of_caffe(request)) {
    statistics.mean_rgb = recipe.text("net.name") == "vgg" ? kVggMean : kBvlcMean;
    return statistics;
  }
  for (std::size_t c = 0; c < 3; ++c) {
    const double deviation = 255.0 * kTorchvisionDeviation[c];
    statistics.mean_rgb[c] = 255.0 * kTorchvisionMean[c];
    statistics.covariance[c][c] = deviation * deviation;
  }
  return statistics;
}

std::vector<std::string> lines_of(const std::filesystem::path& path) {
  const io::InputFile file(path, "a text file, a line a class");
  require(file.size() <= kMostNameBytes, "{} has {} bytes; valid: at most {}", file.name(),
          file.size(), kMostNameBytes);
  std::string text(file.size(), '\0');
  file.read_at(0, std::as_writable_bytes(std::span(text)));
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    std::string line = text.substr(at, end - at);
    if (line.ends_with('\r')) line.pop_back();
    lines.push_back(std::move(line));
    at = end + 1;
  }
  return lines;
}

void check_names(const std::vector<std::string>& names, const std::string& file) {
  std::set<std::string_view> seen;
  for (const std::string& name : names)
    require(!name.empty() && seen.insert(name).second,
            "{}: the class '{}' stands there twice or is empty; valid: a name a class", file,
            io::one_line(name));
}

std::vector<std::string> class_names(const ImportRequest& request, int classes,
                                     const Brought& brought) {
  std::vector<std::string> names;
  if (!request.class_names.empty()) {
    names = lines_of(request.class_names);
    const std::string file = io::one_line(request.class_names.string());
    require(names.size() == static_cast<std::size_t>(classes),
            "{} has {} lines; valid: one for each of the {} classes of the weights", file,
            names.size(), classes);
    check_names(names, file);
  } else if (brought) {
    names = brought->classes;
    const std::string file = io::one_line(request.weights.string());
    require(names.size() == static_cast<std::size_t>(classes),
            "{} names {} classes and tells {} apart: it is damaged", file, names.size(), classes);
    check_names(names, file);
  } else {
    for (int i = 0; i < classes; ++i) names.push_back(std::to_string(i));
  }
  return names;
}

}  // namespace

ImportDefaults import_defaults(const std::string& net, const ImportRequest& request) {
  require(request.mean.empty() || (of_caffe(request) && net != "lenet5"),
          "--mean-image is Caffe's; valid with a .caffemodel of alexnet or vgg");
  ImportDefaults defaults;
  if (const Brought brought = brought_by(request)) {
    defaults.brought = recipe_of(*brought, net, io::one_line(request.weights.string()));
    return defaults;
  }
  if (net == "lenet5") return defaults;
  if (!of_caffe(request)) {
    if (net == "alexnet") defaults.keys.emplace_back("net.variant", "owt");
    defaults.keys.emplace_back("augment.centre-crop.use", "false");
    defaults.keys.emplace_back("augment.mean.from", "rgb");
    defaults.keys.emplace_back("augment.scale.by", "deviation");
    return defaults;
  }
  const bool image = !request.mean.empty();
  if (net == "alexnet") {
    const std::string variant = caffe_alexnet(request);
    if (!variant.empty()) defaults.keys.emplace_back("net.variant", variant);
    defaults.swaps.emplace_back("rescale", "resize-bilinear");  // Caffe's tools keep no shape
  }
  if (image) defaults.keys.emplace_back("augment.centre-crop.use", "true");
  defaults.keys.emplace_back("augment.mean.from", image ? "image" : "rgb");
  return defaults;
}

ImportResult import_weights(const io::Recipe& recipe, const ImportRequest& request) {
  require(request.to.extension() == ".safetensors",
          "--to {}: weights are written as .safetensors; valid: a name that ends so",
          io::one_line(request.to.string()));
  std::error_code none;  // where `to` is not there yet
  require(!std::filesystem::equivalent(request.weights, request.to, none),
          "--to {} is the file of --weights; valid: another name",
          io::one_line(request.to.string()));
  const Brought brought = brought_by(request);
  const io::ForeignWeights weights = io::open_foreign_weights(request.weights, request.format);
  io::Recipe resolved = recipe;
  if (recipe.integer("net.classes") == 0) {
    constexpr int kAny = 2;
    const int classes = classes_in(weights, make_net(recipe, kAny));
    resolved.set("net.classes", std::to_string(classes));
  }
  const Net net = make_net(resolved, static_cast<int>(resolved.integer("net.classes")));
  check_known(net, request);
  const std::vector<std::size_t> tensors = match_weights(weights, net);
  const auto chain = evaluation_chain(resolved);
  const Statistics statistics = statistics_of(resolved, request, brought);
  require(!brought || !statistics_need(chain).mean_image || !statistics.mean_image.empty(),
          "{} holds no mean image, which the input chain subtracts; valid: --mean rgb, or what "
          "export --names sluice writes",
          io::one_line(request.weights.string()));
  (void)make_chain(chain, statistics);  // throws where they do not go together
  if (net.channels == 3) check_chain_ends_at(chain, net.side);
  const io::WeightsInfo info{.net = net.name,
                             .variant = net.variant,
                             .classes = class_names(request, class_count(net), brought),
                             .input_chain = io::chain_to_toml(chain),
                             .statistics = statistics,
                             .recipe = resolved.to_toml()};
  const std::vector<ParameterInfo> infos = parameters(net);
  io::write_weights(
      request.to, net,
      [&](std::size_t i) { return read_parameter(weights, tensors[i], net, infos[i]); }, info);
  return {.net = net.name,
          .variant = net.variant,
          .format = std::string(io::foreign_format_name(request.format)),
          .classes = class_count(net),
          .parameters = parameter_count(net),
          .file = request.to.string(),
          .input_chain = info.input_chain};
}

}  // namespace sluice::nodes
