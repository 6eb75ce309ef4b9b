#include "augment/gamma.h"

#include <fmt/core.h>

#include <cmath>

#include "augment/range.h"
#include "augment/simd/table.h"

namespace sluice::augment {
namespace {

double gamma_of(double value, double exponent) {
  return 255 * std::pow(std::max(value, 0.0) / 255, exponent);
}

}  // namespace

std::string Gamma::Decision::text() const { return fmt::format("gamma {:.3f}", exponent); }

void Gamma::check() const { check_range("gamma: gamma", {gamma, gamma_to}, {0, 100}); }

Gamma::Decision Gamma::draw(Random& random, Extent) const {
  return {Range{gamma, gamma_to}.uniform(random)};
}

void Gamma::apply(ConstImageView in, const Decision& decision, ImageView out) const {
  if (in.type == PixelType::u8) {
    ByteTable table;
    for (std::size_t i = 0; i < table.size(); ++i)
      table[i] = to_byte(static_cast<float>(gamma_of(static_cast<double>(i), decision.exponent)));
    return with_bytes(in, out, [&](const auto& loop) { simd::look_up(loop, table); });
  }
  const std::size_t values = static_cast<std::size_t>(in.extent.pixels()) * kChannels;
  for (std::size_t i = 0; i < values; ++i)
    out.f32(0)[i] =
        static_cast<float>(gamma_of(static_cast<double>(in.f32(0)[i]), decision.exponent));
}

}  // namespace sluice::augment
