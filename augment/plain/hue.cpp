#include "augment/plain/hue.h"

#include <cmath>

namespace sluice::augment::plain {
namespace {

// In sixths of a turn: red 0, green 2, blue 4; -1 to 5. Grey has none and gets 0.
float hue_of(float red, float green, float blue, float most, float chroma) {
  if (chroma == 0) return 0;
  if (most == red) return (green - blue) / chroma;
  if (most == green) return (blue - red) / chroma + 2;
  return (red - green) / chroma + 4;
}

// What a channel is made of: `place` is 5 for red, 3 for green, 1 for blue.
float channel(float hue, float place, float most, float chroma) {
  const float sum = place + hue;
  const float around = sum - 6 * std::floor(sum * (1.0F / 6));
  const float share = std::clamp(std::min(around, 4 - around), 0.0F, 1.0F);
  return most - chroma * share;
}

template <class T>
void turn_any(const PixelLoop<T, T>& loop, float sixths) {
  for (std::size_t i = 0; i < loop.pixels * 3; i += 3) {
    const auto red = static_cast<float>(loop.from[i]);
    const auto green = static_cast<float>(loop.from[i + 1]);
    const auto blue = static_cast<float>(loop.from[i + 2]);
    const float most = std::max(std::max(red, green), blue);
    const float chroma = most - std::min(std::min(red, green), blue);
    const float hue = hue_of(red, green, blue, most, chroma) + sixths;
    loop.to[i] = to_value<T>(channel(hue, 5, most, chroma));
    loop.to[i + 1] = to_value<T>(channel(hue, 3, most, chroma));
    loop.to[i + 2] = to_value<T>(channel(hue, 1, most, chroma));
  }
}

}  // namespace

void turn_hue(const PixelLoop<std::uint8_t, std::uint8_t>& loop, float sixths) {
  turn_any(loop, sixths);
}
void turn_hue(const PixelLoop<float, float>& loop, float sixths) { turn_any(loop, sixths); }

}  // namespace sluice::augment::plain
