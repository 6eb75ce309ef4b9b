#include "augment/mix.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "runtime/error.h"
#include "tests/augment/images.h"
#include "tests/support/catch.h"

namespace sluice::augment {
namespace {

// Rows whose values are all their number, from 1.
struct Rows {
  std::vector<float> values, weights, shares, scratch;
  Extent extent{4, 3};

  explicit Rows(std::size_t count) : weights(count, 1.0F), shares(count), scratch(4 * 3 * 3) {
    for (std::size_t row = 0; row < count; ++row)
      values.insert(values.end(), scratch.size(), static_cast<float>(row + 1));
  }
  BatchRows view() { return {values, extent, 3, weights}; }
  std::vector<float> row(std::size_t number) const {
    const auto begin = values.begin() + static_cast<std::ptrdiff_t>(number * scratch.size());
    return {begin, begin + static_cast<std::ptrdiff_t>(scratch.size())};
  }
};

double beta_moment(double alpha, int power) {
  double sum = 0.0;
  constexpr int kDraws = 20000;
  for (std::uint32_t sample = 0; sample < kDraws; ++sample) {
    Random random = test::some_random(sample);
    sum += std::pow(beta_sample(random, alpha), power);
  }
  return sum / kDraws;
}

TEST_CASE("samples of Beta(a, a) have its mean and its variance", "[augment][mix]") {
  const double alpha = GENERATE(0.1, 0.2, 1.0, 4.0);
  const double variance = 1.0 / (4.0 * (2.0 * alpha + 1.0));
  const double mean = beta_moment(alpha, 1);
  CHECK(mean == Approx(0.5).margin(4.0 * std::sqrt(variance / 20000)));
  CHECK(beta_moment(alpha, 2) - mean * mean == Approx(variance).epsilon(0.05));
}

TEST_CASE("Beta(1, 1) is uniform: Kolmogorov and Smirnov", "[augment][mix]") {
  std::vector<double> values;
  for (std::uint32_t sample = 0; sample < 4000; ++sample) {
    Random random = test::some_random(sample);
    values.push_back(beta_sample(random, 1.0));
  }
  std::sort(values.begin(), values.end());
  double furthest = 0.0;
  for (std::size_t i = 0; i < values.size(); ++i)
    furthest = std::max(furthest, std::abs(values[i] - (static_cast<double>(i) + 0.5) / 4000.0));
  CHECK(furthest < 1.63 / std::sqrt(4000.0));  // one in a hundred
}

TEST_CASE("MixUp gives every row its part of the row before, as it was", "[augment][mix]") {
  Rows rows(4);
  MixUp{}.apply(rows.view(), {.partner = 0.25}, rows.shares, rows.scratch);
  CHECK(rows.row(0) == std::vector<float>(36, 0.75F * 1 + 0.25F * 4));
  CHECK(rows.row(1) == std::vector<float>(36, 0.75F * 2 + 0.25F * 1));
  CHECK(rows.row(3) == std::vector<float>(36, 0.75F * 4 + 0.25F * 3));
  CHECK(rows.shares == std::vector<float>(4, 0.25F));
}

TEST_CASE("rows that do not count are neither mixed nor mixed in", "[augment][mix]") {
  Rows rows(4);
  rows.weights[1] = 0.0F;
  MixUp{}.apply(rows.view(), {.partner = 0.5}, rows.shares, rows.scratch);
  CHECK(rows.shares == std::vector<float>{0.5F, 0.0F, 0.0F, 0.5F});
  CHECK(rows.row(1) == std::vector<float>(36, 2.0F));
  CHECK(rows.row(2) == std::vector<float>(36, 3.0F));
  Rows one(1);
  MixUp{}.apply(one.view(), {.partner = 0.5}, one.shares, one.scratch);
  CHECK(one.row(0) == std::vector<float>(36, 1.0F));
  CHECK(one.shares == std::vector<float>{0.0F});
}

TEST_CASE("CutMix puts a box of the row before into each row, and shares by area",
          "[augment][mix]") {
  Rows rows(3);
  const Box box{.left = 1, .top = 1, .extent = {2, 2}};
  CutMix{}.apply(rows.view(), {.box = box}, rows.shares, rows.scratch);
  CHECK(rows.shares == std::vector<float>(3, 4.0F / 12.0F));
  for (std::size_t number = 0; number < 3; ++number) {
    const std::vector<float> row = rows.row(number);
    for (int y = 0; y < 3; ++y)
      for (int x = 0; x < 4; ++x) {
        const bool inside = x >= 1 && x < 3 && y >= 1;
        const std::size_t from = inside ? (number + 2) % 3 : number;
        CHECK(row[static_cast<std::size_t>((y * 4 + x) * 3)] == static_cast<float>(from + 1));
      }
  }
}

TEST_CASE("CutMix's boxes lie in the image, and their areas are what Beta(1, 1) says",
          "[augment][mix]") {
  const Extent extent{60, 40};
  double inside = 0.0, area = 0.0;
  constexpr int kDraws = 5000;
  for (std::uint32_t sample = 0; sample < kDraws; ++sample) {
    Random random = test::some_random(sample);
    const Box box = CutMix{}.draw(random, extent).box;
    REQUIRE(box.left >= 0);
    REQUIRE(box.top >= 0);
    REQUIRE(box.right() <= extent.width);
    REQUIRE(box.top + box.extent.height <= extent.height);
    Random again = test::some_random(sample);
    const double wanted = 1.0 - beta_sample(again, 1.0);
    const double seen = static_cast<double>(box.extent.pixels()) / 2400.0;
    CHECK(seen <= wanted + 0.06);  // borders only cut
    inside += seen;
    area += wanted;
  }
  CHECK(area / kDraws == Approx(0.5).margin(0.02));
  CHECK(inside / area > 0.5);
}

TEST_CASE("mixtures refuse an alpha that is none, and print what they decided", "[augment][mix]") {
  CHECK_THROWS_WITH(MixUp{.alpha = 0.0}.check(), Catch::Contains("mixup: alpha is 0"));
  CHECK_THROWS_WITH(CutMix{.alpha = -1.0}.check(), Catch::Contains("above 0"));
  CHECK(MixUp::Decision{0.25}.text() == "mixed with 0.250 of the row before");
  CHECK(CutMix::Decision{{.left = 12, .top = 100, .extent = {56, 40}}}.text() ==
        "box 56x40 at 12,100 of the row before");
}

}  // namespace
}  // namespace sluice::augment
