#include "augment/elastic.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "augment/scratch.h"
#include "augment/warp_rows.h"
#include "runtime/error.h"

namespace sluice::augment {
namespace {

int reach_of(double sigma) { return static_cast<int>(3 * sigma + 0.5); }

// Normalised to sum 1, `reach` on both sides of the middle.
void fill_weights(double sigma, std::span<float> weights) {
  const auto reach = static_cast<double>(weights.size() / 2);
  double sum = 0;
  const auto height = [&](std::size_t i) {
    const double x = static_cast<double>(i) - reach;
    return std::exp(-0.5 * x * x / (sigma * sigma));
  };
  for (std::size_t i = 0; i < weights.size(); ++i) sum += height(i);
  for (std::size_t i = 0; i < weights.size(); ++i) weights[i] = static_cast<float>(height(i) / sum);
}

constexpr std::size_t kBlock = 32;  // sums that stay in registers

// to[k] = sum of weights[i] * from[k + i * step]
void weighted_sums(const float* from, std::size_t step, std::span<const float> weights,
                   std::size_t count, float* to) {
  for (std::size_t begin = 0; begin < count; begin += kBlock) {
    const std::size_t block = std::min(kBlock, count - begin);
    std::array<float, kBlock> sums{};
    const float* values = from + begin;
    for (const float weight : weights) {
      if (block == kBlock)
        for (std::size_t k = 0; k < kBlock; ++k) sums[k] += values[k] * weight;
      else
        for (std::size_t k = 0; k < block; ++k) sums[k] += values[k] * weight;
      values += step;
    }
    std::copy_n(sums.begin(), block, to + begin);
  }
}

float displacement(std::uint32_t half) {
  return (static_cast<float>(half) + 0.5F) * (1.0F / 32768) - 1.0F;
}

// The noise of row `y`.
void noise_row(std::uint64_t seed, int y, std::span<float> across, std::span<float> down) {
  const PhiloxKey key{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)};
  for (std::size_t x = 0; x < across.size(); x += 4) {
    const PhiloxCounter words =
        philox({static_cast<std::uint32_t>(x / 4), static_cast<std::uint32_t>(y), 0, 0}, key);
    for (std::size_t i = 0; i < 4 && x + i < across.size(); ++i) {
      across[x + i] = displacement(words[i] & 0xFFFFU);
      down[x + i] = displacement(words[i] >> 16);
    }
  }
}

// Both displacements of every pixel, smoothed along x.
struct Fields {
  Extent extent;
  std::span<const float> weights;
  std::span<float> across, down;

  std::size_t width() const { return static_cast<std::size_t>(extent.width); }
  std::span<float> row(std::span<float> field, int y) const {
    return field.subspan(static_cast<std::size_t>(y) * width(), width());
  }
};

// `padded`: a row with `reach` zeros at both ends, for each field.
void fill_fields(std::uint64_t seed, const Fields& fields, std::span<float> padded_across,
                 std::span<float> padded_down) {
  const std::size_t reach = fields.weights.size() / 2;
  std::ranges::fill(padded_across, 0.0F);
  std::ranges::fill(padded_down, 0.0F);
  for (int y = 0; y < fields.extent.height; ++y) {
    noise_row(seed, y, padded_across.subspan(reach, fields.width()),
              padded_down.subspan(reach, fields.width()));
    weighted_sums(padded_across.data(), 1, fields.weights, fields.width(),
                  fields.row(fields.across, y).data());
    weighted_sums(padded_down.data(), 1, fields.weights, fields.width(),
                  fields.row(fields.down, y).data());
  }
}

// Smooths along y as far as the image goes.
struct ElasticPlace {
  Fields fields;
  double alpha;

  void operator()(int x, int y, int count, TilePositions& positions) const {
    const int reach = static_cast<int>(fields.weights.size() / 2);
    const int first = std::max(y - reach, 0), end = std::min(y + reach + 1, fields.extent.height);
    const auto weights = fields.weights.subspan(static_cast<std::size_t>(first - (y - reach)),
                                                static_cast<std::size_t>(end - first));
    std::array<float, kWarpTile> across, down;
    weighted_sums(fields.row(fields.across, first).data() + x, fields.width(), weights,
                  static_cast<std::size_t>(count), across.data());
    weighted_sums(fields.row(fields.down, first).data() + x, fields.width(), weights,
                  static_cast<std::size_t>(count), down.data());
    for (int k = 0; k < count; ++k) {
      const auto i = static_cast<std::size_t>(k);
      positions.x[k] = fixed_position(x + k + 0.5 + alpha * static_cast<double>(across[i]));
      positions.y[k] = fixed_position(y + 0.5 + alpha * static_cast<double>(down[i]));
    }
  }
};

struct Counts {
  std::size_t weights, field, padded;
};

Counts counts_of(double sigma, Extent extent) {
  const auto reach = static_cast<std::size_t>(reach_of(sigma));
  return {.weights = 2 * reach + 1,
          .field = static_cast<std::size_t>(extent.pixels()),
          .padded = static_cast<std::size_t>(extent.width) + 2 * reach};
}

}  // namespace

std::string Elastic::Decision::text() const { return fmt::format("elastic field {:016x}", seed); }

void Elastic::check() const {
  require(alpha >= 0 && alpha <= 1000, "elastic: alpha is {}, it must be 0 to 1000 pixels", alpha);
  require(sigma >= 0.5 && sigma <= 64, "elastic: sigma is {}, it must be 0.5 to 64 pixels", sigma);
  check_canvas("elastic", canvas);
}

std::size_t Elastic::scratch_bytes(const Decision&, Extent before, PixelType) const {
  const Counts counts = counts_of(sigma, before);
  return (counts.weights + 2 * counts.field + 2 * counts.padded) * sizeof(float);
}

void Elastic::apply(ConstImageView from, const Decision& decision, ImageView to,
                    std::span<std::byte> scratch) const {
  const Counts counts = counts_of(sigma, from.extent);
  const auto weights = take_scratch<float>(scratch, counts.weights);
  const auto across = take_scratch<float>(scratch, counts.field);
  const auto down = take_scratch<float>(scratch, counts.field);
  const auto padded_across = take_scratch<float>(scratch, counts.padded);
  const auto padded_down = take_scratch<float>(scratch, counts.padded);
  fill_weights(sigma, weights);
  const Fields fields{from.extent, weights, across, down};
  fill_fields(decision.seed, fields, padded_across, padded_down);
  warp_rows(all_of(from), all_of(to), canvas, ElasticPlace{fields, alpha});
}

}  // namespace sluice::augment
