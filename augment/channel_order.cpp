#include "augment/channel_order.h"

#include <algorithm>

#include "augment/pixel_loop.h"
#include "runtime/error.h"

namespace sluice::augment {
namespace {

constexpr std::string_view kLetters = "rgb";
constexpr std::array<ChannelOrder::Order, 6> kOrders = {
    {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}}};

}  // namespace

std::string ChannelOrder::Decision::text() const {
  std::string words = "channels ";
  for (const std::uint8_t channel : order) words += kLetters[channel];
  return words;
}

ChannelOrder::Order channel_order_of(std::string_view letters) {
  const auto found = std::ranges::find_if(kOrders, [&](const ChannelOrder::Order& order) {
    return std::ranges::equal(order, letters, {}, [](std::uint8_t c) { return kLetters[c]; });
  });
  require(found != kOrders.end(),
          "channel-order: order is '{}'; valid: random, rgb, rbg, grb, gbr, brg, bgr", letters);
  return *found;
}

void ChannelOrder::check() const {
  require(std::ranges::find(kOrders, order) != kOrders.end(),
          "channel-order: order names a channel twice; each of the three must be named once");
}

ChannelOrder::Decision ChannelOrder::draw(Random& random, Extent) const {
  const std::uint64_t drawn = random.below(kOrders.size());
  return {choice == Choice::drawn ? kOrders[drawn] : order};
}

void ChannelOrder::apply(ConstImageView in, const Decision& decision, ImageView out) const {
  const auto [first, second, third] = decision.order;
  with_equal_types(in, out, [&](const auto& loop) {
    for (std::size_t i = 0; i < 3 * loop.pixels; i += 3) {
      const std::array pixel = {loop.from[i + first], loop.from[i + second], loop.from[i + third]};
      std::ranges::copy(pixel, loop.to + i);
    }
  });
}

ColourAffine ChannelOrder::affine(const Decision& decision) const {
  ColourAffine affine{.factor = {}, .offset = {}};
  for (std::size_t c = 0; c < 3; ++c) affine.factor[c][decision.order[c]] = 1;
  return affine;
}

}  // namespace sluice::augment
