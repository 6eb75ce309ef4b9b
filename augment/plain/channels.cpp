#include "augment/plain/channels.h"

#include <array>

namespace sluice::augment::plain {
namespace {

// Four pixels at a time, so that the constants fill whole vectors and the compiler needs no
// shuffles.
template <class T, class Operation>
void each_value(const ChannelLoop<T>& loop, Operation operation) {
  constexpr std::size_t kGroup = 12;
  std::array<float, kGroup> repeated;
  for (std::size_t i = 0; i < kGroup; ++i) repeated[i] = loop.constants[i % kChannels];
  const std::size_t values = loop.pixels * kChannels;
  std::size_t i = 0;
  for (; i + kGroup <= values; i += kGroup)
    for (std::size_t j = 0; j < kGroup; ++j)
      loop.to[i + j] = operation(static_cast<float>(loop.from[i + j]), repeated[j]);
  for (; i < values; ++i)
    loop.to[i] = operation(static_cast<float>(loop.from[i]), loop.constants[i % kChannels]);
}

template <class T>
void combine_any(const ChannelLoop<T>& loop) {
  switch (loop.operation) {
    case ChannelOperation::add:
      return each_value(loop, [](float value, float constant) { return value + constant; });
    case ChannelOperation::subtract:
      return each_value(loop, [](float value, float constant) { return value - constant; });
    case ChannelOperation::divide:
      return each_value(loop, [](float value, float constant) { return value / constant; });
  }
}

}  // namespace

void combine(const ChannelLoop<std::uint8_t>& loop) { combine_any(loop); }
void combine(const ChannelLoop<float>& loop) { combine_any(loop); }

}  // namespace sluice::augment::plain
