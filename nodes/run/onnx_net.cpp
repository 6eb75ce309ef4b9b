#include "nodes/run/onnx_net.h"

#include <fmt/format.h>

#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "runtime/error.h"

namespace sluice::nodes {
namespace {

using Sizes = std::vector<std::int64_t>;

// The graph in the making. `value_` is the name of what the last operator gave.
class Builder {
 public:
  Builder(const Net& net, const OnnxOptions& options, const io::OnnxParameters& values)
      : net_(net),
        options_(options),
        values_(values),
        parameters_(parameters(net)),
        shapes_(infer_shapes(net)) {}

  io::OnnxModel build() {
    start();
    for (layer_ = 0; layer_ < net_.layers.size(); ++layer_)
      std::visit([&](const auto& spec) { add(spec); }, net_.layers[layer_].spec);
    finish();
    return std::move(model_);
  }

 private:
  bool dense() const { return options_.form == OnnxForm::dense; }
  const std::string& name() const { return net_.layers[layer_].name; }
  const Shape& in() const { return shapes_[layer_].in; }

  void start() {
    const auto side = [&](const char* word) {
      return dense() ? io::OnnxSize(std::string(word)) : io::OnnxSize(std::int64_t{net_.side});
    };
    model_.name = net_.name;
    model_.words = fmt::format("{} '{}'", net_.name, net_.variant);
    model_.input = {.name = "images",
                    .sizes = {std::string("images"), std::int64_t{net_.channels}, side("height"),
                              side("width")}};
    value_ = model_.input.name;
  }

  void finish() {
    if (map_) reduce_map();
    const bool softmax = options_.ending == OnnxEnding::softmax;
    require(!softmax || std::holds_alternative<SoftmaxLoss>(net_.layers.back().spec),
            "{} '{}' has scores that are no logarithms of probabilities; valid: without "
            "--with-softmax",
            net_.name, net_.variant);
    if (softmax) apply("Softmax", {}, {{"axis", std::int64_t{1}}}, "softmax");
    model_.output = {.name = softmax ? "probabilities" : "scores",
                     .sizes = {std::string("images"), std::int64_t{class_count(net_)}}};
    apply("Identity", {}, {}, model_.output.name);
  }

  // One operator on the current value and `more` constants; its output becomes the current value.
  void apply(std::string op, std::vector<std::string> more,
             std::vector<std::pair<std::string, io::OnnxAttribute>> attributes,
             std::string output) {
    std::vector<std::string> inputs = {value_};
    inputs.insert(inputs.end(), more.begin(), more.end());
    model_.nodes.push_back({std::move(op), std::move(inputs), {output}, std::move(attributes)});
    value_ = std::move(output);
  }

  std::string part(std::string_view word) const { return fmt::format("{}/{}", name(), word); }

  std::string scalar(std::string_view word, double value) {
    model_.constants.push_back({part(word), {}, std::vector<float>{static_cast<float>(value)}});
    return model_.constants.back().name;
  }
  std::string whole_numbers(std::string_view word, Sizes values) {
    const Sizes sizes = {static_cast<std::int64_t>(values.size())};
    model_.constants.push_back({part(word), sizes, std::move(values)});
    return model_.constants.back().name;
  }

  std::size_t parameter(ParameterRole role) const {
    for (std::size_t i = 0; i < parameters_.size(); ++i)
      if (parameters_[i].layer == layer_ && parameters_[i].role == role) return i;
    fail(ErrorKind::run, "layer {} has no parameters", name());
  }
  // The layer's own parameter, its values in the file's order; `sizes`: where they are others.
  std::string own(ParameterRole role, std::optional<Sizes> sizes = {}) {
    const std::size_t index = parameter(role);
    const bool weights = role == ParameterRole::weights;
    model_.constants.push_back({name() + (weights ? ".weight" : ".bias"),
                                sizes.value_or(parameters_[index].shape.sizes()), index});
    return model_.constants.back().name;
  }
  std::string computed_weights(Sizes sizes, std::vector<float> values) {
    model_.constants.push_back({name() + ".weight", std::move(sizes), std::move(values)});
    return model_.constants.back().name;
  }

  void add(const Conv2d& conv) {
    apply("Conv", {own(ParameterRole::weights), own(ParameterRole::biases)},
          {{"kernel_shape", Sizes(2, conv.kernel)},
           {"strides", Sizes(2, conv.stride)},
           {"pads", Sizes{conv.pad.before, conv.pad.before, conv.pad.after, conv.pad.after}},
           {"group", std::int64_t{conv.groups}}},
          name());
  }

  // Connections that are not there weigh nothing.
  void add(const PartialConv2d& conv) {
    const std::vector<float> given = values_(parameter(ParameterRole::weights));
    const auto maps = static_cast<std::size_t>(in()[0]);
    const auto kernel =
        static_cast<std::size_t>(conv.kernel) * static_cast<std::size_t>(conv.kernel);
    std::vector<float> weights(conv.sees.size() * maps * kernel, 0.0F);
    std::size_t from = 0;
    for (std::size_t out = 0; out < conv.sees.size(); ++out) {
      for (const int map : conv.sees[out]) {
        const std::size_t to = (out * maps + static_cast<std::size_t>(map)) * kernel;
        for (std::size_t i = 0; i < kernel; ++i) weights[to + i] = given[from + i];
        from += kernel;
      }
    }
    const Sizes sizes = {static_cast<std::int64_t>(conv.sees.size()), in()[0], conv.kernel,
                         conv.kernel};
    apply("Conv", {computed_weights(sizes, std::move(weights)), own(ParameterRole::biases)},
          {{"kernel_shape", Sizes(2, conv.kernel)}}, name());
  }

  // A convolution of each map with equal weights.
  void add(const Subsample& subsample) {
    const std::vector<float> given = values_(parameter(ParameterRole::weights));
    const auto window =
        static_cast<std::size_t>(subsample.side) * static_cast<std::size_t>(subsample.side);
    std::vector<float> weights;
    for (const float coefficient : given) weights.insert(weights.end(), window, coefficient);
    const Sizes sizes = {in()[0], 1, subsample.side, subsample.side};
    apply("Conv", {computed_weights(sizes, std::move(weights)), own(ParameterRole::biases)},
          {{"kernel_shape", Sizes(2, subsample.side)},
           {"strides", Sizes(2, subsample.side)},
           {"group", in()[0]}},
          name());
  }

  void add(const Relu&) { apply("Relu", {}, {}, name()); }

  void add(const Tanh& tanh) {
    if (tanh.slope != 1.0) apply("Mul", {scalar("slope", tanh.slope)}, {}, part("in"));
    if (tanh.amplitude == 1.0) return apply("Tanh", {}, {}, name());
    apply("Tanh", {}, {}, part("tanh"));
    apply("Mul", {scalar("amplitude", tanh.amplitude)}, {}, name());
  }

  // ONNX divides alpha by the window's size.
  void add(const Lrn& lrn) {
    const double alpha = lrn.reading == Lrn::Alpha::window ? lrn.alpha : lrn.alpha * lrn.size;
    const std::vector<std::pair<std::string, io::OnnxAttribute>> attributes = {
        {"size", std::int64_t{lrn.size}},
        {"alpha", static_cast<float>(alpha)},
        {"beta", static_cast<float>(lrn.beta)},
        {"bias", static_cast<float>(lrn.k)}};
    if (lrn.towers == 1) return apply("LRN", {}, attributes, name());
    std::vector<std::string> towers, normalised;
    for (int tower = 0; tower < lrn.towers; ++tower) {
      towers.push_back(part(fmt::format("tower{}", tower)));
      normalised.push_back(part(fmt::format("normalised{}", tower)));
    }
    model_.nodes.push_back({"Split", {value_}, towers, {{"axis", std::int64_t{1}}}});
    for (std::size_t i = 0; i < towers.size(); ++i)
      model_.nodes.push_back({"LRN", {towers[i]}, {normalised[i]}, attributes});
    model_.nodes.push_back({"Concat", normalised, {name()}, {{"axis", std::int64_t{1}}}});
    value_ = name();
  }

  // The mean over the window with its zeros is the sum / size^2.
  void add(const SameMapLrn& lrn) {
    const std::string input = value_;
    apply("Mul", {input}, {}, part("squares"));
    apply("AveragePool", {},
          {{"kernel_shape", Sizes(2, lrn.size)},
           {"pads", Sizes{lrn.size / 2, lrn.size / 2, lrn.size / 2, lrn.size / 2}},
           {"count_include_pad", std::int64_t{1}}},
          part("mean"));
    apply("Mul", {scalar("alpha", lrn.alpha)}, {}, part("scaled"));
    apply("Add", {scalar("k", lrn.k)}, {}, part("sum"));
    apply("Pow", {scalar("beta", lrn.beta)}, {}, part("divisor"));
    model_.nodes.push_back({"Div", {input, value_}, {name()}, {}});
    value_ = name();
  }

  // Windows of a kernel that is no smaller than its stride never start behind the edge, where ONNX
  // and we would differ.
  void add(const MaxPool& pool) {
    const bool up = pool.rounding == MaxPool::Rounding::up;
    require(!up || pool.kernel >= pool.stride,
            "ONNX has no pooling {} of windows of {} at steps of {}; valid: windows that touch",
            name(), pool.kernel, pool.stride);
    apply("MaxPool", {},
          {{"kernel_shape", Sizes(2, pool.kernel)},
           {"strides", Sizes(2, pool.stride)},
           {"ceil_mode", std::int64_t{up ? 1 : 0}}},
          name());
  }

  void add(const FullyConnected& product) {
    if (dense()) return add_dense(product);
    if (in().rank() > 1) apply("Flatten", {}, {{"axis", std::int64_t{1}}}, part("flat"));
    apply("Gemm", {own(ParameterRole::weights), own(ParameterRole::biases)},
          {{"transB", std::int64_t{1}}}, name());
  }

  // Inputs count as channels x height x width: the weights of a convolution, in their order.
  void add_dense(const FullyConnected& product) {
    const bool planes = in().rank() == 3;
    const Sizes kernel = planes ? Sizes{in()[1], in()[2]} : Sizes{1, 1};
    const Sizes sizes = {product.out_features, in()[0], kernel[0], kernel[1]};
    apply("Conv", {own(ParameterRole::weights, sizes), own(ParameterRole::biases)},
          {{"kernel_shape", kernel}}, name());
    map_ = true;
  }

  // Testing keeps all units; vanilla dropout makes up for it here.
  void add(const Dropout& dropout) {
    if (dropout.scaling == Dropout::Scaling::inverted) return;
    apply("Mul", {scalar("kept", 1.0 - dropout.drop)}, {}, name());
  }

  // Of a dense form, which is asked for by OnnxForm, not as a net.
  void add(const Windows&) { refuse_windows(); }
  void add(const WindowMean&) { refuse_windows(); }
  [[noreturn]] void refuse_windows() const {
    fail(ErrorKind::usage, "layer {}: a net that is laid over windows; valid: the net itself",
         name());
  }

  // -|x - code|^2 for each code.
  void add(const Rbf& rbf) {
    require(!dense(), "layer {}: distances to codes have no dense form; valid: without --dense",
            name());
    std::vector<float> codes;
    for (const auto& code : rbf.codes)
      for (const std::int8_t value : code) codes.push_back(static_cast<float>(value));
    const auto classes = static_cast<std::int64_t>(rbf.codes.size());
    const auto inputs = static_cast<std::int64_t>(rbf.codes.front().size());
    const std::string shape = whole_numbers("shape", {-1, 1, inputs});
    model_.constants.push_back({part("codes"), {1, classes, inputs}, std::move(codes)});
    apply("Reshape", {shape}, {}, part("row"));
    apply("Sub", {part("codes")}, {}, part("apart"));
    apply("Mul", {value_}, {}, part("squares"));
    const std::string axes = whole_numbers("axes", {2});
    apply("ReduceSum", {axes}, {{"keepdims", std::int64_t{0}}}, part("distance"));
    apply("Neg", {}, {}, name());
  }

  void add(const SoftmaxLoss&) {}
  void add(const HingeLoss&) {}
  void add(const MapLoss&) {}

  void reduce_map() {
    apply("ReduceMean", {}, {{"axes", Sizes{2, 3}}, {"keepdims", std::int64_t{0}}}, "averaged");
  }

  const Net& net_;
  const OnnxOptions& options_;
  const io::OnnxParameters& values_;
  std::vector<ParameterInfo> parameters_;
  std::vector<LayerShapes> shapes_;
  io::OnnxModel model_;
  std::string value_;
  std::size_t layer_ = 0;
  bool map_ = false;  // the current value is a map of scores or of hidden units
};

}  // namespace

io::OnnxModel onnx_net(const Net& net, const OnnxOptions& options,
                       const io::OnnxParameters& values) {
  return Builder(net, options, values).build();
}

}  // namespace sluice::nodes
