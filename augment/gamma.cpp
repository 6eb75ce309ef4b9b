#include "augment/gamma.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "augment/range.h"
#include "augment/simd/table.h"

namespace sluice::augment {
namespace {

double gamma_of(double value, double exponent) {
  return 255 * std::pow(std::max(value, 0.0) / 255, exponent);
}

// Every byte to the power of `exponent`: a product has the product of its factors' powers, so that
// only primes take what a power takes.
std::array<double, 256> powers(double exponent) {
  std::array<double, 256> power;
  power.fill(-1);
  power[0] = std::pow(0.0, exponent);
  power[1] = 1;
  for (std::size_t i = 2; i < power.size(); ++i) {
    if (power[i] < 0) power[i] = std::pow(static_cast<double>(i), exponent);
    for (std::size_t j = 2; j <= i && i * j < power.size(); ++j) power[i * j] = power[i] * power[j];
  }
  return power;
}

ByteTable table_of(double exponent) {
  const std::array<double, 256> power = powers(exponent);
  const double unit = 255 / power.back();
  ByteTable table;
  for (std::size_t i = 0; i < table.size(); ++i)
    table[i] = to_byte(static_cast<float>(unit * power[i]));
  return table;
}

}  // namespace

std::string Gamma::Decision::text() const { return fmt::format("gamma {:.3f}", exponent); }

void Gamma::check() const { check_range("gamma: gamma", {gamma, gamma_to}, {0, 100}); }

Gamma::Decision Gamma::draw(Random& random, Extent) const {
  return {Range{gamma, gamma_to}.uniform(random)};
}

void Gamma::apply(ConstImageView in, const Decision& decision, ImageView out) const {
  if (in.type == PixelType::u8) {
    const ByteTable table = table_of(decision.exponent);
    return with_bytes(in, out, [&](const auto& loop) { simd::look_up(loop, table); });
  }
  const std::size_t values = static_cast<std::size_t>(in.extent.pixels()) * kChannels;
  for (std::size_t i = 0; i < values; ++i)
    out.f32(0)[i] =
        static_cast<float>(gamma_of(static_cast<double>(in.f32(0)[i]), decision.exponent));
}

}  // namespace sluice::augment
