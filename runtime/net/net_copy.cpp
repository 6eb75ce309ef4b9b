#include "runtime/net/net_copy.h"

#include <tbb/blocked_range.h>
#include <tbb/parallel_for.h>

#include <algorithm>

#include "runtime/error.h"

namespace sluice {
namespace {

constexpr std::size_t kFloatsATask = 1 << 18;

void copy(std::span<const float> from, std::span<float> to) {
  tbb::parallel_for(tbb::blocked_range<std::size_t>(0, from.size(), kFloatsATask),
                    [&](const tbb::blocked_range<std::size_t>& part) {
                      std::copy(from.begin() + static_cast<std::ptrdiff_t>(part.begin()),
                                from.begin() + static_cast<std::ptrdiff_t>(part.end()),
                                to.begin() + static_cast<std::ptrdiff_t>(part.begin()));
                    });
}

void copy_tensor(const Tensor& from, Tensor& to) {
  if (to.shape() != from.shape()) to = Tensor(from.shape());
  copy(from.values(), to.values());
}

}  // namespace

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
