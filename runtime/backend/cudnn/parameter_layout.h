// How parameters stand on the device: channels last, like the activations that meet them.
#pragma once

#include <memory>

#include "runtime/net/net_state.h"

namespace sluice::cudnn {

// Canonical (outer, channels, pixels) as (outer, pixels, channels). A convolution's weights (out,
// in, y, x) become (out, y, x, in); a fully connected layer's behind a plane, (out, (channel, y,
// x)), become (out, (y, x, channel)).
class ChannelsLast final : public ParameterLayout {
 public:
  struct Sizes {
    std::size_t outer = 1;
    std::size_t channels = 1;
    std::size_t pixels = 1;
    friend bool operator==(const Sizes&, const Sizes&) = default;
  };

  explicit ChannelsLast(Sizes sizes) : sizes_(sizes) {}

  const Sizes& sizes() const { return sizes_; }
  std::size_t floats() const override { return sizes_.outer * sizes_.channels * sizes_.pixels; }
  void from_canonical(std::span<const float> canonical, std::span<float> stored) const override;
  void to_canonical(std::span<const float> stored, std::span<float> canonical) const override;

 private:
  Sizes sizes_;
};

using LayoutPointer = std::shared_ptr<const ParameterLayout>;

// Of a parameter whose layer reads rows of shape `in`. Without padding.
LayoutPointer device_layout(const Layer& layer, const Shape& in, const ParameterInfo& info);

// Whether both arrange values the same way, for layouts that a state of this backend has.
bool same_order(const ParameterLayout& a, const ParameterLayout& b);

}  // namespace sluice::cudnn
