#include "augment/plain/tone.h"

namespace sluice::augment::plain {
namespace {

template <class From, class To>
void tone_any(const PixelLoop<From, To>& loop, const Tone& tone) {
  for (std::size_t i = 0; i < loop.pixels * 3; i += 3) {
    const auto red = static_cast<float>(loop.from[i]);
    const auto green = static_cast<float>(loop.from[i + 1]);
    const auto blue = static_cast<float>(loop.from[i + 2]);
    float rest = tone.offset;
    if (tone.grey != 0) rest = tone.grey * grey_of(red, green, blue) + tone.offset;
    loop.to[i] = to_value<To>(tone.factor * red + rest);
    loop.to[i + 1] = to_value<To>(tone.factor * green + rest);
    loop.to[i + 2] = to_value<To>(tone.factor * blue + rest);
  }
}

}  // namespace

void tone(const PixelLoop<std::uint8_t, std::uint8_t>& loop, const Tone& by) { tone_any(loop, by); }
void tone(const PixelLoop<std::uint8_t, float>& loop, const Tone& by) { tone_any(loop, by); }
void tone(const PixelLoop<float, float>& loop, const Tone& by) { tone_any(loop, by); }

}  // namespace sluice::augment::plain
