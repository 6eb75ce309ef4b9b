#include "augment/erase.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <optional>

#include "augment/part_rows.h"
#include "augment/pixel_loop.h"
#include "augment/random_words.h"
#include "augment/range.h"

namespace sluice::augment {
namespace {

// What both boxes have.
Box shared(const Box& a, const Box& b) {
  Box box;
  box.left = std::max(a.left, b.left);
  box.top = std::max(a.top, b.top);
  box.extent.width = std::max(0, std::min(a.right(), b.right()) - box.left);
  box.extent.height = std::max(0, std::min(a.bottom(), b.bottom()) - box.top);
  return box;
}

std::optional<Extent> sides(Extent image, double area, double ratio) {
  const double pixels = area * static_cast<double>(image.pixels());
  const Extent box{static_cast<int>(std::lround(std::sqrt(pixels / ratio))),
                   static_cast<int>(std::lround(std::sqrt(pixels * ratio)))};
  if (box.width >= image.width || box.height >= image.height) return std::nullopt;
  return box;
}

// The three channels of pixel number `pixel` of the rectangle.
std::array<std::uint8_t, 3> colour(std::uint64_t seed, std::size_t pixel) {
  const std::uint32_t word = random_word(seed, pixel);
  return {static_cast<std::uint8_t>(word >> 24), static_cast<std::uint8_t>(word >> 16),
          static_cast<std::uint8_t>(word >> 8)};
}

template <class T>
void fill_pixels(const Erase& erase, const Erase::Decision& decision, std::size_t first,
                 std::size_t pixels, T* to) {
  if (erase.with == ErasedWith::level) {
    std::fill_n(to, pixels * 3, to_value<T>(static_cast<float>(erase.fill)));
    return;
  }
  for (std::size_t i = 0; i < pixels; ++i) {
    const bool same = erase.with == ErasedWith::colour;
    const auto rgb = colour(decision.seed, same ? 0 : first + i);
    std::transform(rgb.begin(), rgb.end(), to + i * 3,
                   [](std::uint8_t value) { return static_cast<T>(value); });
  }
}

}  // namespace

std::string Erase::Decision::text() const {
  if (box.extent.pixels() == 0) return "erase nothing";
  return fmt::format("erase {}x{} at {},{}", box.extent.width, box.extent.height, box.left,
                     box.top);
}

void Erase::check() const {
  check_range("erase: area", {area, area_to}, {1e-6, 1});
  check_range("erase: ratio", {ratio, ratio_to}, {0.01, 100});
  check_range("erase: fill", {fill, fill}, {0, 255});
}

Erase::Decision Erase::draw(Random& random, Extent image) const {
  Decision decision;
  decision.seed = random.bits();
  for (int attempt = 0; attempt < 10; ++attempt) {
    const double part = Range{area, area_to}.uniform(random);
    const auto extent = sides(image, part, Range{ratio, ratio_to}.log_uniform(random));
    if (!extent) continue;
    const auto place = [&](int room) {
      return static_cast<int>(random.below(static_cast<std::uint64_t>(room) + 1));
    };
    decision.box.extent = *extent;
    decision.box.left = place(image.width - extent->width);
    decision.box.top = place(image.height - extent->height);
    return decision;
  }
  return decision;
}

void Erase::apply_part(const ConstImagePart& in, const Decision& decision, const ImagePart& out,
                       std::span<std::byte>) const {
  apply_by_rows(in, out.box, out, [](ConstImageView from, ImageView to) {
    std::memcpy(to.data, from.data, image_bytes(from.extent, from.type));
  });
  const Box box = shared(decision.box, out.box);
  const auto pixels = static_cast<std::size_t>(box.extent.width);
  for (int y = box.top; y < box.bottom(); ++y) {
    const auto line = static_cast<std::size_t>(y - decision.box.top);
    const auto column = static_cast<std::size_t>(box.left - decision.box.left);
    const std::size_t first = line * static_cast<std::size_t>(decision.box.extent.width) + column;
    const int at = (box.left - out.box.left) * kChannels;
    if (out.view.type == PixelType::u8)
      fill_pixels(*this, decision, first, pixels, out.view.u8(y - out.box.top) + at);
    else
      fill_pixels(*this, decision, first, pixels, out.view.f32(y - out.box.top) + at);
  }
}

}  // namespace sluice::augment
