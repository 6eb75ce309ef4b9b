#include "runtime/net/net_copy.h"

#include "runtime/error.h"

namespace sluice {

NetCopy::NetCopy(const NetState& state) {
  for (const Parameter& parameter : state.parameters()) {
    require(!parameter.velocity.values().empty(), "a copy of a net that is not ready for training");
    parts_.push_back({.layout = parameter.layout,
                      .values = Tensor(parameter.values.shape()),
                      .velocity = Tensor(parameter.velocity.shape())});
  }
}

void NetCopy::take(const NetState& state) {
  const auto parameters = state.parameters();
  require(parameters.size() == parts_.size(), "a copy of {} parameters of a net that has {}",
          parts_.size(), parameters.size());
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    parts_[i].layout = parameters[i].layout;
    copy_tensor(parameters[i].values, parts_[i].values);
    copy_tensor(parameters[i].velocity, parts_[i].velocity);
  }
}

void NetCopy::read_values(std::size_t index, std::span<float> to) const {
  parts_.at(index).layout->to_canonical(parts_[index].values.values(), to);
}

void NetCopy::read_velocity(std::size_t index, std::span<float> to) const {
  parts_.at(index).layout->to_canonical(parts_[index].velocity.values(), to);
}

std::size_t NetCopy::bytes_for(const NetState& state) {
  std::size_t floats = 0;
  for (const Parameter& parameter : state.parameters()) floats += 2 * parameter.layout->floats();
  return floats * sizeof(float);
}

}  // namespace sluice
