#include "runtime/backend/cudnn/parameter_layout.h"

namespace sluice::cudnn {
namespace {

struct Inner {
  std::size_t a = 1;
  std::size_t b = 1;
};

// (outer, a, b) to (outer, b, a).
void transpose(std::span<const float> from, Inner inner, std::span<float> to) {
  for (std::size_t first = 0; first < from.size(); first += inner.a * inner.b) {
    for (std::size_t i = 0; i < inner.a; ++i) {
      for (std::size_t j = 0; j < inner.b; ++j)
        to[first + j * inner.a + i] = from[first + i * inner.b + j];
    }
  }
}

std::size_t size(const Shape& shape, std::size_t axis) {
  return static_cast<std::size_t>(shape[axis]);
}

}  // namespace

void ChannelsLast::from_canonical(std::span<const float> canonical, std::span<float> stored) const {
  transpose(canonical, {.a = sizes_.channels, .b = sizes_.pixels}, stored);
}

void ChannelsLast::to_canonical(std::span<const float> stored, std::span<float> canonical) const {
  transpose(stored, {.a = sizes_.pixels, .b = sizes_.channels}, canonical);
}

LayoutPointer device_layout(const Layer& layer, const Shape& in, const ParameterInfo& info) {
  const Shape& shape = info.shape;
  if (info.role == ParameterRole::weights) {
    if (std::holds_alternative<Conv2d>(layer.spec))
      return std::make_shared<ChannelsLast>(
          ChannelsLast::Sizes{.outer = size(shape, 0),
                              .channels = size(shape, 1),
                              .pixels = size(shape, 2) * size(shape, 3)});
    if (std::holds_alternative<FullyConnected>(layer.spec) && in.rank() == 3)
      return std::make_shared<ChannelsLast>(ChannelsLast::Sizes{
          .outer = size(shape, 0), .channels = size(in, 0), .pixels = size(in, 1) * size(in, 2)});
  }
  return std::make_shared<CanonicalLayout>(shape);
}

bool same_order(const ParameterLayout& a, const ParameterLayout& b) {
  const auto* last_a = dynamic_cast<const ChannelsLast*>(&a);
  const auto* last_b = dynamic_cast<const ChannelsLast*>(&b);
  if (last_a != nullptr && last_b != nullptr) return last_a->sizes() == last_b->sizes();
  return dynamic_cast<const CanonicalLayout*>(&a) != nullptr &&
         dynamic_cast<const CanonicalLayout*>(&b) != nullptr && a.floats() == b.floats();
}

}  // namespace sluice::cudnn
