#include "augment/plain/noise.h"

#include "augment/normal.h"
#include "augment/random_words.h"

namespace sluice::augment::plain {
namespace {

// Of each group of 64 words the first 32 give 32 numbers, and the others 32 more: words i and i +
// 16 give numbers i and i + 16.
float normal(std::uint64_t seed, std::size_t index) {
  const bool is_second = index % 32 >= 16;
  const std::size_t first = is_second ? index - 16 : index;
  const TwoNormals two = two_normals(random_word(seed, first), random_word(seed, first + 16));
  return is_second ? two.second : two.first;
}

template <class T>
void add_any(const PixelLoop<T, T>& loop, float sigma, std::uint64_t seed) {
  for (std::size_t i = 0; i < loop.pixels * 3; ++i)
    loop.to[i] = to_value<T>(static_cast<float>(loop.from[i]) + sigma * normal(seed, i));
}

}  // namespace

void random_words(std::uint64_t seed, std::size_t first, std::span<std::uint32_t> words) {
  for (std::size_t i = 0; i < words.size(); ++i)
    words[i] = random_word(seed, first * kWordsAGroup + i);
}

void add_noise(const PixelLoop<std::uint8_t, std::uint8_t>& loop, float sigma, std::uint64_t seed) {
  add_any(loop, sigma, seed);
}
void add_noise(const PixelLoop<float, float>& loop, float sigma, std::uint64_t seed) {
  add_any(loop, sigma, seed);
}

}  // namespace sluice::augment::plain
