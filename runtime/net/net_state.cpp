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

// Inputs that one output sums.
double fan_in(const Shape& weights) { return static_cast<double>(weights.elements() / weights[0]); }

// Outputs that one input reaches: those of its own group only, as the condition on backward signals
// asks (Glorot and Bengio 2010, section 4.2.1). PyTorch and Keras count all groups' outputs.
double fan_out(const LayerSpec& spec, const Shape& weights) {
  const auto* convolution = std::get_if<Conv2d>(&spec);
  const int groups = convolution == nullptr ? 1 : convolution->groups;
  return static_cast<double>(weights.elements() / weights[1] / groups);
}

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

void start_weights(const Layer& layer, const Shape& shape, std::uint64_t seed,
                   std::span<float> values) {
  const RandomKey key{.seed = seed, .stream = stream_id("start/" + layer.name)};
  switch (layer.start.weights) {
    case Start::Weights::normal:
      return fill_normal(key, layer.start.deviation, values);
    case Start::Weights::glorot_uniform:
      return fill_uniform(key, std::sqrt(6.0 / (fan_in(shape) + fan_out(layer.spec, shape))),
                          values);
    case Start::Weights::he_normal:
      return fill_normal(key, std::sqrt(2.0 / fan_in(shape)), values);
  }
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
  for (ParameterInfo& info : sluice::parameters(net)) {
    const Layer& layer = net.layers[info.layer];
    Parameter parameter;
    parameter.layout = std::make_shared<CanonicalLayout>(info.shape);
    parameter.values = flat_tensor(parameter.layout->floats());
    if (info.role == ParameterRole::weights) {
      start_weights(layer, info.shape, seed, parameter.values.values());
    } else {
      std::ranges::fill(parameter.values.values(), static_cast<float>(layer.start.bias));
    }
    parameter.info = std::move(info);
    parameters_.push_back(std::move(parameter));
  }
}

std::vector<float> NetState::read(std::size_t index) const {
  const Parameter& parameter = parameters_.at(index);
  return canonical_values(parameter, parameter.values);
}

void NetState::write(std::size_t index, std::span<const float> canonical) {
  Parameter& parameter = parameters_.at(index);
  store_canonical(parameter, canonical, parameter.values);
  ++version;
}

std::vector<float> NetState::read_velocity(std::size_t index) const {
  const Parameter& parameter = parameters_.at(index);
  require_velocity(parameter);
  return canonical_values(parameter, parameter.velocity);
}

void NetState::write_velocity(std::size_t index, std::span<const float> canonical) {
  Parameter& parameter = parameters_.at(index);
  require_velocity(parameter);
  store_canonical(parameter, canonical, parameter.velocity);
}

void NetState::set_layout(std::size_t index, std::shared_ptr<const ParameterLayout> layout) {
  Parameter& parameter = parameters_.at(index);
  rearrange(parameter.values, parameter, *layout);
  rearrange(parameter.gradient, parameter, *layout);
  rearrange(parameter.velocity, parameter, *layout);
  parameter.layout = std::move(layout);
  ++version;
}

void NetState::prepare_training() {
  for (Parameter& parameter : parameters_) {
    if (parameter.gradient.values().empty())
      parameter.gradient = flat_tensor(parameter.layout->floats());
    if (parameter.velocity.values().empty())
      parameter.velocity = flat_tensor(parameter.layout->floats());
  }
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
