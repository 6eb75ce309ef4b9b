// Kernels that load and store bf16, on every instruction set of this processor: the same kernels in
// f32 on the same values, rounded once.
#include <cmath>
#include <limits>
#include <vector>

#include "runtime/backend/onednn/kernels.h"
#include "runtime/backend/onednn/lrn_kernel.h"
#include "runtime/backend/onednn/max_pool_kernel.h"
#include "runtime/random.h"
#include "tests/support/catch.h"
#include "tests/support/every_target.h"

namespace sluice::test {
namespace {

using namespace onednn;
using namespace onednn::kernels;

constexpr float kInfinity = std::numeric_limits<float>::infinity();

std::vector<Bf16> rounded(const std::vector<float>& values) {
  std::vector<Bf16> half(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) half[i] = rounded_to<Bf16>(values[i]);
  return half;
}

std::vector<float> widened(const std::vector<Bf16>& half) {
  std::vector<float> values;
  for (const Bf16 value : half) values.push_back(to_float(value));
  return values;
}

std::vector<Bf16> random_values(std::size_t count, const char* stream) {
  Random random({.seed = 3, .stream = stream_id(stream)});
  std::vector<float> values(count);
  for (float& v : values) v = static_cast<float>(random.normal());
  return rounded(values);
}

std::vector<std::uint16_t> bits(const std::vector<Bf16>& half) {
  std::vector<std::uint16_t> all;
  for (const Bf16 value : half) all.push_back(value.bits);
  return all;
}

}  // namespace

TEST_CASE("floats are rounded to the nearest bf16, ties to even", "[backend][bf16]") {
  const auto rounds_to = [](float value, float expected) {
    CAPTURE(value);
    CHECK(to_float(rounded_to<Bf16>(value)) == expected);
    CHECK(to_float(rounded_to<Bf16>(-value)) == -expected);
    Bf16 many[3];
    const float values[3] = {value, value, value};
    round_values(values, 3, many);
    CHECK(to_float(many[2]) == expected);
  };
  const float step = 0x1p-7F;  // between neighbours from 1 on
  rounds_to(0.0F, 0.0F);
  rounds_to(1.0F, 1.0F);
  rounds_to(1.0F + 0.49F * step, 1.0F);
  rounds_to(1.0F + 0.51F * step, 1.0F + step);
  rounds_to(1.0F + 0.5F * step, 1.0F);
  rounds_to(1.0F + 1.5F * step, 1.0F + 2.0F * step);
  rounds_to(0x1p-130F, 0x1p-130F);
  rounds_to(std::numeric_limits<float>::max(), kInfinity);
  rounds_to(kInfinity, kInfinity);
  CHECK(std::signbit(to_float(rounded_to<Bf16>(-0.0F))));
  for (const std::uint32_t bits : {0x7FFFFFFFU, 0x7F800001U, 0xFFFFFFFFU, 0xFF800001U}) {
    CHECK(std::isnan(to_float(rounded_to<Bf16>(std::bit_cast<float>(bits)))));
  }
}

TEST_CASE("the plain kernels of bf16 round once", "[backend][bf16]") {
  const std::vector<Bf16> from = random_values(101, "test/from");
  const std::vector<float> wide = widened(from);
  std::vector<std::uint8_t> kept(from.size());
  for (std::size_t i = 0; i < kept.size(); ++i) kept[i] = i % 3 == 0;
  std::vector<Bf16> found(from.size()), gradient = random_values(from.size(), "test/gradient");
  std::vector<float> expected(from.size()), wide_gradient = widened(gradient);

  relu(from.data(), from.size(), found.data());
  relu(wide.data(), wide.size(), expected.data());
  CHECK(bits(found) == bits(rounded(expected)));
  relu_backward(from.data(), from.size(), gradient.data());
  relu_backward(wide.data(), wide.size(), wide_gradient.data());
  CHECK(bits(gradient) == bits(rounded(wide_gradient)));
  mask(from.data(), kept.data(), 4.0F / 3.0F, from.size(), found.data());
  mask(wide.data(), kept.data(), 4.0F / 3.0F, wide.size(), expected.data());
  CHECK(bits(found) == bits(rounded(expected)));
  scale(from.data(), 0.3F, from.size(), found.data());
  scale(wide.data(), 0.3F, wide.size(), expected.data());
  CHECK(bits(found) == bits(rounded(expected)));
}

TEST_CASE("the LRN kernels of bf16 are those of f32, rounded once", "[backend][bf16]") {
  for (const std::size_t tower : {1U, 5U, 16U, 17U, 48U, 100U, 600U}) {
    for (const LrnFactors& f :
         {LrnFactors{tower, 2, 0.3F, 0.75F, 2.0F}, LrnFactors{tower, 4, 0.3F, 0.4F, 1.0F}}) {
      const std::size_t count = tower * 37;
      const std::vector<Bf16> from = random_values(count, "test/from");
      const std::vector<Bf16> gradient = random_values(count, "test/gradient");
      const std::vector<float> wide = widened(from), wide_gradient = widened(gradient);
      on_every_target([&](const char* target) {
        CAPTURE(target, tower, f.half);
        std::vector<Bf16> found(count + 1, rounded_to<Bf16>(7.0F));
        std::vector<float> expected(count + 1, 7.0F);
        lrn(f, from.data(), count, found.data());
        lrn(f, wide.data(), count, expected.data());
        CHECK(bits(found) == bits(rounded(expected)));
        for (const ReluMask relu : {ReluMask::none, ReluMask::masked}) {
          lrn_backward(f, relu, from.data(), gradient.data(), count, found.data());
          lrn_backward(f, relu, wide.data(), wide_gradient.data(), count, expected.data());
          CHECK(bits(found) == bits(rounded(expected)));
        }
      });
    }
  }
}

TEST_CASE("max-pooling in bf16 is that of f32, rounded once", "[backend][bf16]") {
  for (const std::size_t channels : {1U, 16U, 37U}) {
    const PoolGeometry g{.height = 7,
                         .width = 7,
                         .out_height = 3,
                         .out_width = 3,
                         .kernel = 3,
                         .stride = 2,
                         .channels = channels};
    const std::size_t row = g.width * channels, outs = g.out_width * g.out_width * channels;
    const std::vector<Bf16> plane = random_values(g.width * row, "test/plane");
    const std::vector<Bf16> gradient = random_values(outs, "test/gradient");
    const std::vector<float> wide = widened(plane), wide_gradient = widened(gradient);
    PoolRows<Bf16> rows{};
    PoolRows<float> wide_rows{};
    for (std::size_t y = 0; y < g.kernel; ++y) {
      rows[y] = plane.data() + y * row;
      wide_rows[y] = wide.data() + y * row;
    }
    on_every_target([&](const char* target) {
      CAPTURE(target, channels);
      std::vector<Bf16> found(g.out_width * channels), back(row);
      std::vector<float> expected(found.size()), wide_back(row);
      std::vector<std::uint8_t> winners(outs), wide_winners(outs);
      max_pool_row(g, std::span<const Bf16* const>(rows.data(), g.kernel), found.data(),
                   winners.data());
      max_pool_row(g, std::span<const float* const>(wide_rows.data(), g.kernel), expected.data(),
                   wide_winners.data());
      CHECK(bits(found) == bits(rounded(expected)));
      CHECK(winners == wide_winners);
      for (const bool masked : {false, true}) {
        max_pool_backward_row(g, masked ? plane.data() : nullptr, {gradient.data(), winners.data()},
                              1, back.data());
        max_pool_backward_row(g, masked ? wide.data() : nullptr,
                              {wide_gradient.data(), winners.data()}, 1, wide_back.data());
        CHECK(bits(back) == bits(rounded(wide_back)));
      }
    });
  }
}

}  // namespace sluice::test
