#include "runtime/net/net.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <set>

#include "runtime/error.h"

namespace sluice {
namespace {

std::int64_t side_of(const Shape& plane) { return plane[1]; }
bool is_square(const Shape& plane) { return plane[1] == plane[2]; }
bool is_plane(const Shape& shape) { return shape.rank() == 3; }

void require_plane(const std::string& name, const Shape& in) {
  require(is_plane(in), "layer {}: its input is {} features, it needs (channels, height, width)",
          name, in.text());
}

void require_square(const std::string& name, const Shape& in) {
  require_plane(name, in);
  require(is_square(in), "layer {}: its input is {} x {}, it takes squares only", name, in[1],
          in[2]);
}

std::int64_t convolved_side(const std::string& name, std::int64_t side, const Conv2d& conv) {
  require(conv.kernel > 0 && conv.stride > 0 && conv.pad.before >= 0 && conv.pad.after >= 0,
          "layer {}: kernel {} and stride {} must be positive, padding {},{} not negative", name,
          conv.kernel, conv.stride, conv.pad.before, conv.pad.after);
  const std::int64_t padded = side + conv.pad.before + conv.pad.after;
  require(padded >= conv.kernel, "layer {}: kernel {} is larger than its padded input, side {}",
          name, conv.kernel, padded);
  return (padded - conv.kernel) / conv.stride + 1;
}

std::int64_t pooled_side(const std::string& name, std::int64_t side, const MaxPool& pool) {
  require(pool.kernel > 0 && pool.stride > 0, "layer {}: kernel {} and stride {} must be positive",
          name, pool.kernel, pool.stride);
  require(side >= pool.kernel, "layer {}: kernel {} is larger than its input, side {}", name,
          pool.kernel, side);
  const std::int64_t rounded_up = (side - pool.kernel + pool.stride - 1) / pool.stride + 1;
  if (pool.rounding == MaxPool::Rounding::down) return (side - pool.kernel) / pool.stride + 1;
  const bool last_starts_inside = (rounded_up - 1) * pool.stride < side;
  return last_starts_inside ? rounded_up : rounded_up - 1;
}

void require_table(const std::string& name, const PartialConv2d& conv, std::int64_t channels) {
  require(conv.kernel > 0 && !conv.sees.empty(),
          "layer {}: kernel {} must be positive and its table not empty", name, conv.kernel);
  for (const std::vector<int>& seen : conv.sees) {
    require(!seen.empty() &&
                std::ranges::adjacent_find(seen, std::greater_equal<>{}) == seen.end() &&
                seen.front() >= 0 && seen.back() < channels,
            "layer {}: a map sees {} input maps that must rise and lie below {}", name, seen.size(),
            channels);
  }
}

void require_scores(const std::string& name, const Shape& in) {
  require(!is_plane(in), "layer {}: its input is {}, it needs features of a fully connected layer",
          name, in.text());
}

// The shape that leaves a layer; throws what does not fit.
struct OutShape {
  const std::string& name;
  const Shape& in;

  Shape operator()(const Conv2d& conv) const {
    require_plane(name, in);
    require(conv.groups > 0 && in[0] % conv.groups == 0 && conv.out_channels % conv.groups == 0,
            "layer {}: {} groups must divide its {} input and {} output channels", name,
            conv.groups, in[0], conv.out_channels);
    require(conv.out_channels > 0, "layer {}: {} output channels, it needs at least 1", name,
            conv.out_channels);
    return {conv.out_channels, convolved_side(name, in[1], conv),
            convolved_side(name, in[2], conv)};
  }
  Shape operator()(const PartialConv2d& conv) const {
    require_square(name, in);
    require_table(name, conv, in[0]);
    const std::int64_t side = convolved_side(
        name, side_of(in),
        {.out_channels = 1, .kernel = conv.kernel, .stride = 1, .pad = {}, .groups = 1});
    return {static_cast<std::int64_t>(conv.sees.size()), side, side};
  }
  Shape operator()(const Relu&) const { return in; }
  Shape operator()(const Tanh& tanh) const {
    require(std::isfinite(tanh.amplitude) && tanh.amplitude > 0.0 && std::isfinite(tanh.slope),
            "layer {}: amplitude {} must be positive, slope {} finite", name, tanh.amplitude,
            tanh.slope);
    return in;
  }
  Shape operator()(const Lrn& lrn) const {
    require_plane(name, in);
    require(lrn.size > 0 && lrn.size % 2 == 1, "layer {}: window of {} maps, it must be odd", name,
            lrn.size);
    require(lrn.towers > 0 && in[0] % lrn.towers == 0,
            "layer {}: {} towers must divide its {} channels", name, lrn.towers, in[0]);
    require(lrn.k > 0.0 && lrn.alpha >= 0.0,
            "layer {}: k {} must be positive, alpha {} not negative", name, lrn.k, lrn.alpha);
    return in;
  }
  Shape operator()(const SameMapLrn& lrn) const {
    require_plane(name, in);
    require(lrn.size > 0 && lrn.size % 2 == 1, "layer {}: window of side {}, it must be odd", name,
            lrn.size);
    require(lrn.k > 0.0 && lrn.alpha >= 0.0,
            "layer {}: k {} must be positive, alpha {} not negative", name, lrn.k, lrn.alpha);
    return in;
  }
  Shape operator()(const Subsample& subsample) const {
    require_square(name, in);
    require(subsample.side > 0 && side_of(in) % subsample.side == 0,
            "layer {}: windows of side {} do not divide its input, side {}", name, subsample.side,
            side_of(in));
    return {in[0], side_of(in) / subsample.side, side_of(in) / subsample.side};
  }
  Shape operator()(const MaxPool& pool) const {
    require_plane(name, in);
    return {in[0], pooled_side(name, in[1], pool), pooled_side(name, in[2], pool)};
  }
  Shape operator()(const FullyConnected& connected) const {
    require(connected.out_features > 0, "layer {}: {} features, it needs at least 1", name,
            connected.out_features);
    return {connected.out_features};
  }
  Shape operator()(const Dropout& dropout) const {
    require(dropout.drop >= 0.0 && dropout.drop < 1.0,
            "layer {}: drops {} of its units, valid is 0 <= drop < 1", name, dropout.drop);
    return in;
  }
  Shape operator()(const Windows& windows) const {
    require_plane(name, in);
    require(windows.side > 0 && windows.side <= in[1] && windows.side <= in[2],
            "layer {}: windows of side {} in a plane of {} x {}, they must fit", name, windows.side,
            in[1], in[2]);
    return {in[0], windows.side, windows.side};
  }
  Shape operator()(const WindowMean&) const {
    require_scores(name, in);
    return in;
  }
  Shape operator()(const Rbf& rbf) const {
    require_scores(name, in);
    require(!rbf.codes.empty(), "layer {}: has no codes, it needs one a class", name);
    for (const auto& code : rbf.codes) {
      require(static_cast<std::int64_t>(code.size()) == in.elements(),
              "layer {}: a code of {} values, its input has {} features", name, code.size(),
              in.elements());
    }
    return {static_cast<std::int64_t>(rbf.codes.size())};
  }
  Shape operator()(const SoftmaxLoss&) const { return loss(); }
  Shape operator()(const HingeLoss& hinge) const {
    require(std::isfinite(hinge.margin) && hinge.margin >= 0.0,
            "layer {}: margin {} must be finite and not negative", name, hinge.margin);
    return loss();
  }
  Shape operator()(const MapLoss& map) const {
    require(std::isfinite(map.garbage), "layer {}: garbage {} must be finite", name, map.garbage);
    return loss();
  }

  Shape loss() const {
    require_scores(name, in);
    return {1};
  }
};

// Canonical shape of a layer's weights; rank 0 for none. A bias belongs to a map or feature that
// leaves the layer.
struct WeightShape {
  const Shape& in;

  Shape operator()(const Conv2d& conv) const {
    return {conv.out_channels, in[0] / conv.groups, conv.kernel, conv.kernel};
  }
  Shape operator()(const PartialConv2d& conv) const {
    std::int64_t connections = 0;
    for (const auto& seen : conv.sees) connections += static_cast<std::int64_t>(seen.size());
    return {connections, conv.kernel, conv.kernel};
  }
  Shape operator()(const Subsample&) const { return {in[0]}; }
  Shape operator()(const FullyConnected& connected) const {
    return {connected.out_features, in.elements()};
  }
  Shape operator()(const auto&) const { return {}; }
};

Shape weight_shape(const Layer& layer, const Shape& in) {
  return std::visit(WeightShape{in}, layer.spec);
}

// Side of the input patch that one output sees, and the step between neighbouring outputs.
struct Field {
  std::int64_t side = 1;
  std::int64_t step = 1;

  void widen(std::int64_t kernel, std::int64_t stride) {
    side += (kernel - 1) * step;
    step *= stride;
  }
};

void widen(Field& field, const Layer& layer, const Shape& in) {
  if (const auto* conv = std::get_if<Conv2d>(&layer.spec)) field.widen(conv->kernel, conv->stride);
  if (const auto* conv = std::get_if<PartialConv2d>(&layer.spec)) field.widen(conv->kernel, 1);
  if (const auto* part = std::get_if<Subsample>(&layer.spec)) field.widen(part->side, part->side);
  if (const auto* pool = std::get_if<MaxPool>(&layer.spec)) field.widen(pool->kernel, pool->stride);
  if (std::holds_alternative<FullyConnected>(layer.spec)) field.widen(side_of(in), 1);
}

// What a normalisation within a map looks at besides is said of that layer and not passed on.
Field apart(Field field, const Layer& layer) {
  if (const auto* lrn = std::get_if<SameMapLrn>(&layer.spec)) field.widen(lrn->size, 1);
  return field;
}

// Forward, one row; convolutions, fully connected layers and distances to codes.
struct MultiplyAdds {
  const LayerShapes& shapes;

  std::int64_t operator()(const Conv2d& conv) const {
    return shapes.out.elements() * shapes.in[0] / conv.groups * conv.kernel * conv.kernel;
  }
  std::int64_t operator()(const PartialConv2d& conv) const {
    const Shape weights = WeightShape{shapes.in}(conv);
    return weights.elements() * shapes.out[1] * shapes.out[2];
  }
  std::int64_t operator()(const FullyConnected&) const {
    return shapes.in.elements() * shapes.out.elements();
  }
  std::int64_t operator()(const Rbf&) const { return shapes.in.elements() * shapes.out.elements(); }
  std::int64_t operator()(const auto&) const { return 0; }
};

LayerCost cost_of(const Layer& layer, const LayerShapes& shapes) {
  const Shape weights = weight_shape(layer, shapes.in);
  LayerCost cost;
  cost.name = layer.name;
  cost.kind = layer_kind(layer.spec);
  cost.out = shapes.out;
  cost.weights = weights.rank() == 0 ? 0 : weights.elements();
  cost.biases = weights.rank() == 0 ? 0 : shapes.out[0];
  cost.multiply_adds = shapes.out_rows * std::visit(MultiplyAdds{shapes}, layer.spec);
  cost.parameter_bytes = (cost.weights + cost.biases) * std::int64_t{sizeof(float)};
  cost.activation_bytes = shapes.out_rows * shapes.out.elements() * std::int64_t{sizeof(float)};
  return cost;
}

// Rows that one row of the net is behind a layer, of `rows` before it.
int rows_behind(const Layer& layer, const Shape& in, int rows) {
  if (const auto* windows = std::get_if<Windows>(&layer.spec)) {
    require(rows == 1, "layer {}: windows of windows; valid is a window-mean between them",
            layer.name);
    return static_cast<int>((in[1] - windows->side + 1) * (in[2] - windows->side + 1));
  }
  if (std::holds_alternative<WindowMean>(layer.spec)) return 1;
  require(rows == 1 || !is_loss(layer.spec), "layer {}: needs a window-mean before it", layer.name);
  return rows;
}

}  // namespace

std::vector<LayerShapes> infer_shapes(const Net& net) {
  const auto [width, height] = net.extent();
  require(net.channels > 0 && width > 0 && height > 0,
          "net {}: input of {} channels, {} x {} pixels, all must be positive", net.name,
          net.channels, width, height);
  require(!net.layers.empty(), "net {}: has no layers", net.name);
  std::vector<LayerShapes> shapes;
  std::set<std::string> names;
  Shape in{net.channels, height, width};
  int rows = 1;  // that one row of the net has become
  for (const Layer& layer : net.layers) {
    require(names.insert(layer.name).second, "net {}: two layers named {}, names must differ",
            net.name, layer.name);
    const bool is_last = shapes.size() + 1 == net.layers.size();
    require(is_last || !is_loss(layer.spec), "layer {}: {} must be the last layer of net {}",
            layer.name, layer_kind(layer.spec), net.name);
    const Shape out = std::visit(OutShape{layer.name, in}, layer.spec);
    const int out_rows = rows_behind(layer, in, rows);
    shapes.push_back({in, out, rows, out_rows});
    in = out;
    rows = out_rows;
  }
  return shapes;
}

std::vector<ParameterInfo> parameters(const Net& net) {
  const std::vector<LayerShapes> shapes = infer_shapes(net);
  std::vector<ParameterInfo> all;
  for (std::size_t i = 0; i < net.layers.size(); ++i) {
    const Shape weights = weight_shape(net.layers[i], shapes[i].in);
    if (weights.rank() == 0) continue;
    const std::string& file_name = net.layers[i].file_name;
    all.push_back({i, ParameterRole::weights, weights, file_name + ".weight"});
    all.push_back({i, ParameterRole::biases, Shape{shapes[i].out[0]}, file_name + ".bias"});
  }
  return all;
}

std::int64_t parameter_count(const Net& net) {
  std::int64_t count = 0;
  for (const ParameterInfo& info : parameters(net)) count += info.shape.elements();
  return count;
}

int class_count(const Net& net) {
  const std::vector<LayerShapes> shapes = infer_shapes(net);
  require(is_loss(net.layers.back().spec), "net {}: ends without a loss, so it has no classes",
          net.name);
  return static_cast<int>(shapes.back().in[0]);
}

std::vector<LayerCost> layer_costs(const Net& net) {
  const std::vector<LayerShapes> shapes = infer_shapes(net);
  std::vector<LayerCost> costs;
  Field field;
  for (std::size_t i = 0; i < net.layers.size(); ++i) {
    LayerCost cost = cost_of(net.layers[i], shapes[i]);
    // Behind the first fully connected layer every feature sees the same.
    if (is_plane(shapes[i].in)) {
      widen(field, net.layers[i], shapes[i].in);
      cost.receptive_field = static_cast<int>(apart(field, net.layers[i]).side);
    }
    costs.push_back(std::move(cost));
  }
  return costs;
}

}  // namespace sluice
