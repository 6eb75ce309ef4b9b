#include "runtime/net/net.h"

#include <set>

#include "runtime/error.h"

namespace sluice {
namespace {

std::int64_t side_of(const Shape& plane) { return plane[1]; }
bool is_plane(const Shape& shape) { return shape.rank() == 3; }

void require_plane(const std::string& name, const Shape& in) {
  require(is_plane(in), "layer {}: its input is {} features, it needs (channels, height, width)",
          name, in.text());
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
  const bool last_starts_inside = (rounded_up - 1) * pool.stride < side;
  return last_starts_inside ? rounded_up : rounded_up - 1;
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
    const std::int64_t side = convolved_side(name, side_of(in), conv);
    return {conv.out_channels, side, side};
  }
  Shape operator()(const Relu&) const { return in; }
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
  Shape operator()(const MaxPool& pool) const {
    require_plane(name, in);
    const std::int64_t side = pooled_side(name, side_of(in), pool);
    return {in[0], side, side};
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
  Shape operator()(const SoftmaxLoss&) const {
    require(!is_plane(in),
            "layer {}: its input is {}, it needs features of a fully connected layer", name,
            in.text());
    return {1};
  }
};

// Canonical shape of a layer's weights; rank 0 for none. The number of biases is its first size.
struct WeightShape {
  const Shape& in;

  Shape operator()(const Conv2d& conv) const {
    return {conv.out_channels, in[0] / conv.groups, conv.kernel, conv.kernel};
  }
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
  if (const auto* pool = std::get_if<MaxPool>(&layer.spec)) field.widen(pool->kernel, pool->stride);
  if (std::holds_alternative<FullyConnected>(layer.spec)) field.widen(side_of(in), 1);
}

// Forward, one row: each output is a sum over the weights of one output channel.
std::int64_t multiply_adds(const Shape& weights, const Shape& out) {
  if (weights.rank() == 0) return 0;
  return out.elements() * (weights.elements() / weights[0]);
}

LayerCost cost_of(const Layer& layer, const LayerShapes& shapes) {
  const Shape weights = weight_shape(layer, shapes.in);
  LayerCost cost;
  cost.name = layer.name;
  cost.kind = layer_kind(layer.spec);
  cost.out = shapes.out;
  cost.parameters = weights.rank() == 0 ? 0 : weights.elements() + weights[0];
  cost.multiply_adds = multiply_adds(weights, shapes.out);
  cost.parameter_bytes = cost.parameters * std::int64_t{sizeof(float)};
  cost.activation_bytes = shapes.out.elements() * std::int64_t{sizeof(float)};
  return cost;
}

}  // namespace

std::vector<LayerShapes> infer_shapes(const Net& net) {
  require(net.channels > 0 && net.side > 0,
          "net {}: input of {} channels, side {}, both must be positive", net.name, net.channels,
          net.side);
  require(!net.layers.empty(), "net {}: has no layers", net.name);
  std::vector<LayerShapes> shapes;
  std::set<std::string> names;
  Shape in{net.channels, net.side, net.side};
  for (const Layer& layer : net.layers) {
    require(names.insert(layer.name).second, "net {}: two layers named {}, names must differ",
            net.name, layer.name);
    const bool is_last = shapes.size() + 1 == net.layers.size();
    require(is_last || !std::holds_alternative<SoftmaxLoss>(layer.spec),
            "layer {}: softmax-loss must be the last layer of net {}", layer.name, net.name);
    const Shape out = std::visit(OutShape{layer.name, in}, layer.spec);
    shapes.push_back({in, out});
    in = out;
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
    all.push_back({i, ParameterRole::biases, Shape{weights[0]}, file_name + ".bias"});
  }
  return all;
}

std::int64_t parameter_count(const Net& net) {
  std::int64_t count = 0;
  for (const ParameterInfo& info : parameters(net)) count += info.shape.elements();
  return count;
}

int class_count(const Net& net) {
  const std::vector<ParameterInfo> all = parameters(net);
  require(!all.empty(), "net {}: has no layer with parameters, so no classes", net.name);
  return static_cast<int>(all.back().shape[0]);
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
      cost.receptive_field = static_cast<int>(field.side);
    }
    costs.push_back(std::move(cost));
  }
  return costs;
}

}  // namespace sluice
