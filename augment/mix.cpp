#include "augment/mix.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "runtime/error.h"

namespace sluice::augment {
namespace {

void check_alpha(const char* name, double alpha) {
  require(alpha > 0.0 && alpha <= 100.0, "{}: alpha is {}; valid: above 0, to 100", name, alpha);
}

// Gamma(shape, 1); below 1 by Gamma(shape + 1) U^(1 / shape).
double gamma_sample(Random& random, double shape) {
  if (shape < 1.0) {
    const double larger = gamma_sample(random, shape + 1.0);
    return larger * std::pow(1.0 - random.uniform(), 1.0 / shape);
  }
  const double d = shape - 1.0 / 3.0;
  const double c = 1.0 / std::sqrt(9.0 * d);
  while (true) {
    const double x = random.normal();
    const double cube = (1.0 + c * x) * (1.0 + c * x) * (1.0 + c * x);
    if (cube <= 0.0) continue;
    const double u = 1.0 - random.uniform();
    if (std::log(u) < 0.5 * x * x + d * (1.0 - cube + std::log(cube))) return d * cube;
  }
}

// Calls visit(row, partner) for each row that counts and whose partner does, so that a partner is
// still what it was: from the last row down, the last one's copy for the first.
template <class Visit>
void for_each_pair(const BatchRows& rows, Shares shares, std::span<float> scratch,
                   const Visit& visit) {
  const std::size_t count = rows.weights.size(), values = rows.row_values();
  std::ranges::fill(shares, 0.0F);
  if (count < 2) return;
  std::ranges::copy(rows.values.subspan((count - 1) * values, values), scratch.begin());
  for (std::size_t row = count; row-- > 0;) {
    const std::size_t before = row == 0 ? count - 1 : row - 1;
    if (rows.weights[row] == 0.0F || rows.weights[before] == 0.0F) continue;
    const std::span<const float> partner =
        row == 0 ? std::span<const float>(scratch) : rows.values.subspan(before * values, values);
    visit(row, rows.values.subspan(row * values, values), partner);
  }
}

}  // namespace

double beta_sample(Random& random, double alpha) {
  const double a = gamma_sample(random, alpha), b = gamma_sample(random, alpha);
  return a + b > 0.0 ? a / (a + b) : 0.5;  // both vanish where alpha is tiny
}

std::string MixUp::Decision::text() const {
  return fmt::format("mixed with {:.3f} of the row before", partner);
}

void MixUp::check() const { check_alpha("mixup", alpha); }

void MixUp::apply(const BatchRows& rows, const Decision& decision, Shares shares,
                  std::span<float> scratch) const {
  const auto partner_part = static_cast<float>(decision.partner);
  const float own_part = 1.0F - partner_part;
  for_each_pair(rows, shares, scratch,
                [&](std::size_t row, std::span<float> own, std::span<const float> partner) {
                  for (std::size_t i = 0; i < own.size(); ++i)
                    own[i] = own_part * own[i] + partner_part * partner[i];
                  shares[row] = partner_part;
                });
}

std::string CutMix::Decision::text() const {
  return fmt::format("box {}x{} at {},{} of the row before", box.extent.width, box.extent.height,
                     box.left, box.top);
}

void CutMix::check() const { check_alpha("cutmix", alpha); }

CutMix::Decision CutMix::draw(Random& random, Extent extent) const {
  const double side = std::sqrt(1.0 - beta_sample(random, alpha));
  const auto edges = [&](int length) {
    const double middle = random.uniform() * length, half = 0.5 * side * length;
    const int begin = std::max(static_cast<int>(std::lround(middle - half)), 0);
    const int end = std::min(static_cast<int>(std::lround(middle + half)), length);
    return std::pair(std::min(begin, length), std::max(end - begin, 0));
  };
  const auto [left, width] = edges(extent.width);
  const auto [top, height] = edges(extent.height);
  return {.box = {.left = left, .top = top, .extent = {width, height}}};
}

void CutMix::apply(const BatchRows& rows, const Decision& decision, Shares shares,
                   std::span<float> scratch) const {
  const Box& box = decision.box;
  const auto channels = static_cast<std::size_t>(rows.channels);
  const std::size_t stride = static_cast<std::size_t>(rows.extent.width) * channels;
  const std::size_t begin = static_cast<std::size_t>(box.left) * channels;
  const std::size_t length = static_cast<std::size_t>(box.extent.width) * channels;
  const auto share = static_cast<float>(static_cast<double>(box.extent.pixels()) /
                                        static_cast<double>(rows.extent.pixels()));
  for_each_pair(rows, shares, scratch,
                [&](std::size_t row, std::span<float> own, std::span<const float> partner) {
                  for (int y = box.top; y < box.top + box.extent.height; ++y) {
                    const std::size_t at = static_cast<std::size_t>(y) * stride + begin;
                    std::ranges::copy(partner.subspan(at, length), own.subspan(at).begin());
                  }
                  shares[row] = share;
                });
}

}  // namespace sluice::augment
