#include "augment/plain/points.h"

#include <cmath>

namespace sluice::augment::plain {
namespace {

template <class T, class Operation>
void each_value(const PixelLoop<T, T>& loop, Operation operation) {
  for (std::size_t i = 0; i < loop.pixels * 3; ++i)
    loop.to[i] = static_cast<T>(operation(loop.from[i]));
}

}  // namespace

void invert(const PixelLoop<std::uint8_t, std::uint8_t>& loop) {
  each_value(loop, [](int value) { return 255 - value; });
}
void invert(const PixelLoop<float, float>& loop) {
  each_value(loop, [](float value) { return 255 - value; });
}

void solarize(const PixelLoop<std::uint8_t, std::uint8_t>& loop, float threshold) {
  each_value(loop, [=](int value) {
    return static_cast<float>(value) >= threshold ? 255 - value : value;
  });
}
void solarize(const PixelLoop<float, float>& loop, float threshold) {
  each_value(loop, [=](float value) { return value >= threshold ? 255 - value : value; });
}

void posterize(const PixelLoop<std::uint8_t, std::uint8_t>& loop, int bits) {
  const int kept = 0x100 - (1 << (8 - bits));
  each_value(loop, [=](int value) { return value & kept; });
}
void posterize(const PixelLoop<float, float>& loop, int bits) {
  const auto step = static_cast<float>(1 << (8 - bits));
  each_value(loop, [=](float value) { return std::floor(value / step) * step; });
}

}  // namespace sluice::augment::plain
