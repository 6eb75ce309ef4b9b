#include "tests/augment/images.h"

#include <algorithm>
#include <stdexcept>

#include "augment/antialias.h"
#include "augment/bilinear.h"

namespace sluice::test {
namespace {

template <class From, class To>
void fill(const std::vector<From>& from, Extent extent, To* to) {
  if (from.size() != static_cast<std::size_t>(extent.pixels()) * kChannels)
    throw std::invalid_argument("three values a pixel");
  std::transform(from.begin(), from.end(), to, [](From value) { return static_cast<To>(value); });
}

}  // namespace

Image u8_image(Extent extent, const std::vector<int>& values) {
  Image image(extent, PixelType::u8);
  fill(values, extent, image.view().u8(0));
  return image;
}

Image f32_image(Extent extent, const std::vector<float>& values) {
  Image image(extent, PixelType::f32);
  fill(values, extent, image.view().f32(0));
  return image;
}

Image noise(Extent extent, PixelType type, std::uint32_t seed) {
  Image image(extent, type);
  Random random({.seed = seed});
  const auto count = static_cast<std::size_t>(extent.pixels()) * kChannels;
  for (std::size_t i = 0; i < count; ++i) {
    if (type == PixelType::u8)
      image.view().u8(0)[i] = static_cast<std::uint8_t>(random.below(256));
    else
      image.view().f32(0)[i] = static_cast<float>(random.uniform() * 300 - 20);
  }
  return image;
}

void antialiased(const Image& from, Image& to) {
  const Scratch scratch(augment::antialias_scratch_bytes(from.extent(), to.extent(), from.type()));
  augment::resize_antialias(all_of(from.view()), all_of(to.view()), scratch.bytes());
}

void bilinear(const Image& from, Image& to) {
  const Scratch scratch(augment::bilinear_scratch_bytes(from.extent(), to.extent(), to.type()));
  augment::resize_bilinear(all_of(from.view()), all_of(to.view()), scratch.bytes());
}

std::vector<float> values(ConstImageView image) {
  const auto count = static_cast<std::ptrdiff_t>(image.extent.pixels()) * kChannels;
  if (image.type == PixelType::f32) return {image.f32(0), image.f32(0) + count};
  return {image.u8(0), image.u8(0) + count};
}

}  // namespace sluice::test
