#include "runtime/net/net_state.h"

#include <tbb/blocked_range.h>
#include <tbb/parallel_for.h>

#include <algorithm>
#include <cmath>

#include "runtime/error.h"
#include "runtime/random.h"

namespace sluice {
namespace {

constexpr std::size_t kValuesATask = 1 << 16;

// Inputs that one output sums; for a table of connections the mean over its outputs.
struct FanIn {
  const Shape& weights;

  double operator()(const PartialConv2d& conv) const {
    return static_cast<double>(weights.elements()) / static_cast<double>(conv.sees.size());
  }
  double operator()(const Subsample& subsample) const {
    return static_cast<double>(subsample.side * subsample.side);
  }
  double operator()(const auto&) const {
    return static_cast<double>(weights.elements() / weights[0]);
  }
};

double fan_in(const LayerSpec& spec, const Shape& weights) {
  return std::visit(FanIn{weights}, spec);
}

// Outputs that one input reaches: those of its own group only, as the condition on backward signals
// asks (Glorot and Bengio 2010, section 4.2.1). PyTorch and Keras count all groups' outputs.
struct FanOut {
  const Shape& weights;

  double operator()(const Conv2d& conv) const {
    return static_cast<double>(weights.elements() / weights[1] / conv.groups);
  }
  double operator()(const PartialConv2d& conv) const {
    int inputs = 0;
    for (const auto& seen : conv.sees) inputs = std::max(inputs, seen.back() + 1);
    return static_cast<double>(weights.elements()) / inputs;
  }
  double operator()(const Subsample&) const { return 1.0; }
  double operator()(const auto&) const {
    return static_cast<double>(weights.elements() / weights[1]);
  }
};

// Draw i is value i, so that any part can be drawn on its own.
template <class Draw>
void fill(const RandomKey& key, std::span<float> values, const Draw& draw) {
  tbb::parallel_for(tbb::blocked_range<std::size_t>(0, values.size(), kValuesATask),
                    [&](const tbb::blocked_range<std::size_t>& part) {
                      Random random(key, static_cast<std::uint32_t>(part.begin()));
                      for (std::size_t i = part.begin(); i < part.end(); ++i) {
                        values[i] = static_cast<float>(draw(random));
                      }
                    });
}

void fill_normal(const RandomKey& key, double deviation, std::span<float> values) {
  if (deviation == 0.0) return;  // tensors start at zero
  fill(key, values, [deviation](Random& random) { return deviation * random.normal(); });
}

void fill_uniform(const RandomKey& key, double limit, std::span<float> values) {
  fill(key, values, [limit](Random& random) { return limit * (2.0 * random.uniform() - 1.0); });
}

// Half the width of the uniform draw.
double uniform_limit(const Layer& layer, const Shape& shape) {
  const double in = fan_in(layer.spec, shape);
  switch (layer.start.weights) {
    case Start::Weights::glorot_uniform:
      return std::sqrt(6.0 / (in + std::visit(FanOut{shape}, layer.spec)));
    case Start::Weights::fan_in_uniform:
      return layer.start.limit / in;
    case Start::Weights::root_uniform:
      return layer.start.limit / std::sqrt(in);
    case Start::Weights::normal:
    case Start::Weights::he_normal:
      break;
  }
  return 0.0;
}

// Each output of a table of connections has a fan-in of its own.
void start_partial(const RandomKey& key, const Layer& layer, const PartialConv2d& conv,
                   std::span<float> values) {
  Random random(key, 0);
  std::size_t at = 0;
  const std::size_t kernel = static_cast<std::size_t>(conv.kernel * conv.kernel);
  for (const auto& seen : conv.sees) {
    const double in = static_cast<double>(seen.size() * kernel);
    for (std::size_t i = 0; i < seen.size() * kernel; ++i) {
      values[at++] = static_cast<float>(layer.start.limit / in * (2.0 * random.uniform() - 1.0));
    }
  }
}

// `shape`: of the weights, whose fan-in biases share.
void start_values(const RandomKey& key, const Layer& layer, const Shape& shape,
                  std::span<float> values) {
  switch (layer.start.weights) {
    case Start::Weights::normal:
      return fill_normal(key, layer.start.deviation, values);
    case Start::Weights::he_normal:
      return fill_normal(key, std::sqrt(2.0 / fan_in(layer.spec, shape)), values);
    case Start::Weights::fan_in_uniform:
    case Start::Weights::glorot_uniform:
    case Start::Weights::root_uniform:
      return fill_uniform(key, uniform_limit(layer, shape), values);
  }
}

struct StartOf {
  ParameterRole role;
  const Shape& weights;
  std::uint64_t seed;
};

void start_parameter(const Layer& layer, const StartOf& start, std::span<float> values) {
  const bool biases = start.role == ParameterRole::biases;
  if (biases && layer.start.biases == Start::Biases::constant) {
    std::ranges::fill(values, static_cast<float>(layer.start.bias));
    return;
  }
  const std::string stream = biases ? "start/" + layer.name + "/bias" : "start/" + layer.name;
  const RandomKey key{.seed = start.seed, .stream = stream_id(stream)};
  const auto* partial = std::get_if<PartialConv2d>(&layer.spec);
  if (partial != nullptr && !biases && layer.start.weights == Start::Weights::fan_in_uniform)
    return start_partial(key, layer, *partial, values);
  start_values(key, layer, start.weights, values);
}

Tensor flat_tensor(std::size_t floats) { return Tensor({static_cast<std::int64_t>(floats)}); }

// By way of the canonical order; an empty tensor stays empty.
void rearrange(Tensor& tensor, const Parameter& parameter, const ParameterLayout& to) {
  if (tensor.values().empty()) return;
  std::vector<float> canonical(static_cast<std::size_t>(parameter.info.shape.elements()));
  parameter.layout->to_canonical(tensor.values(), canonical);
  tensor = flat_tensor(to.floats());
  to.from_canonical(canonical, tensor.values());
}

std::vector<float> canonical_values(const Parameter& parameter, const Tensor& stored) {
  std::vector<float> canonical(static_cast<std::size_t>(parameter.info.shape.elements()));
  parameter.layout->to_canonical(stored.values(), canonical);
  return canonical;
}

void store_canonical(const Parameter& parameter, std::span<const float> canonical, Tensor& stored) {
  const auto needed = static_cast<std::size_t>(parameter.info.shape.elements());
  require(canonical.size() == needed, "parameter {}: {} values, it needs {} ({})",
          parameter.info.file_name, canonical.size(), needed, parameter.info.shape.text());
  parameter.layout->from_canonical(canonical, stored.values());
}

void require_velocity(const Parameter& parameter) {
  require(!parameter.velocity.values().empty(),
          "parameter {} has no velocity; compile a training program first",
          parameter.info.file_name);
}

}  // namespace

void CanonicalLayout::from_canonical(std::span<const float> canonical,
                                     std::span<float> stored) const {
  std::copy(canonical.begin(), canonical.end(), stored.begin());
}

void CanonicalLayout::to_canonical(std::span<const float> stored,
                                   std::span<float> canonical) const {
  std::copy(stored.begin(), stored.end(), canonical.begin());
}

NetState::NetState(const Net& net, std::uint64_t seed) {
  Shape weights;  // of the layer at hand
  for (ParameterInfo& info : sluice::parameters(net)) {
    const Layer& layer = net.layers[info.layer];
    Parameter parameter;
    parameter.layout = std::make_shared<CanonicalLayout>(info.shape);
    parameter.values = flat_tensor(parameter.layout->floats());
    if (info.role == ParameterRole::weights) weights = info.shape;
    start_parameter(layer, {.role = info.role, .weights = weights, .seed = seed},
                    parameter.values.values());
    parameter.info = std::move(info);
    parameters_.push_back(std::move(parameter));
  }
}

std::vector<float> NetState::read(std::size_t index) const {
  bring_back();
  const Parameter& parameter = parameters_.at(index);
  return canonical_values(parameter, parameter.values);
}

void NetState::write(std::size_t index, std::span<const float> canonical) {
  bring_back();
  newest_ = Newest::here;
  Parameter& parameter = parameters_.at(index);
  store_canonical(parameter, canonical, parameter.values);
  ++version;
}

std::vector<float> NetState::read_velocity(std::size_t index) const {
  bring_back();
  const Parameter& parameter = parameters_.at(index);
  require_velocity(parameter);
  return canonical_values(parameter, parameter.velocity);
}

void NetState::write_velocity(std::size_t index, std::span<const float> canonical) {
  bring_back();
  newest_ = Newest::here;
  Parameter& parameter = parameters_.at(index);
  require_velocity(parameter);
  store_canonical(parameter, canonical, parameter.velocity);
}

void NetState::set_layout(std::size_t index, std::shared_ptr<const ParameterLayout> layout) {
  bring_back();
  Parameter& parameter = parameters_.at(index);
  rearrange(parameter.values, parameter, *layout);
  rearrange(parameter.gradient, parameter, *layout);
  rearrange(parameter.velocity, parameter, *layout);
  parameter.layout = std::move(layout);
  ++version;
}

void NetState::prepare_training() {
  for (Parameter& parameter : parameters_) {
    for (Tensor* tensor : {&parameter.gradient, &parameter.velocity}) {
      if (!tensor->values().empty()) continue;
      bring_back();
      newest_ = Newest::here;
      *tensor = flat_tensor(parameter.layout->floats());
    }
  }
}

std::span<Parameter> NetState::parameters() {
  bring_back();
  if (newest_ != Newest::here) newest_ = Newest::here;  // getters may meet: no needless write
  return parameters_;
}

std::span<const Parameter> NetState::parameters() const {
  bring_back();
  return parameters_;
}

void NetState::bring_back() const {
  if (newest_ != Newest::home) return;
  home_->fetch(parameters_);
  newest_ = Newest::both;
}

void NetState::set_home(std::shared_ptr<ParameterHome> home) {
  bring_back();
  home_ = std::move(home);
  newest_ = Newest::here;
}

std::size_t NetState::bytes() const {
  std::size_t floats = 0;
  for (const Parameter& parameter : parameters_) {
    floats += parameter.values.values().size() + parameter.gradient.values().size() +
              parameter.velocity.values().size();
  }
  return floats * sizeof(float);
}

ProgramLock::ProgramLock(NetState& state) : state_(state) {
  if (state_.busy_.exchange(true)) {
    fail(ErrorKind::run, "two programs run on one net state at once; let one phase finish first");
  }
}

ProgramLock::~ProgramLock() { state_.busy_.store(false); }

}  // namespace sluice
