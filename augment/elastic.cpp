#include "augment/elastic.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "augment/scratch.h"
#include "augment/simd/displacements.h"
#include "augment/simd/places.h"
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
    simd::displacements(seed, y, padded_across.subspan(reach, fields.width()),
                        padded_down.subspan(reach, fields.width()));
    const auto smooth = [&](std::span<float> padded, std::span<float> field) {
      simd::weighted_sums({.from = padded.data(),
                           .weights = fields.weights,
                           .count = fields.width(),
                           .to = fields.row(field, y).data()});
    };
    smooth(padded_across, fields.across);
    smooth(padded_down, fields.down);
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
    std::array<float, kWarpTile> across{}, down{};
    const auto smooth = [&](std::span<float> field, std::array<float, kWarpTile>& to) {
      simd::weighted_sums({.from = fields.row(field, first).data() + x,
                           .step = fields.width(),
                           .weights = weights,
                           .count = static_cast<std::size_t>(count),
                           .to = to.data()});
    };
    smooth(fields.across, across);
    smooth(fields.down, down);
    simd::displace({.row = y, .strength = alpha, .across = across.data(), .down = down.data()},
                   {.first = x, .count = count, .x = positions.x, .y = positions.y});
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
