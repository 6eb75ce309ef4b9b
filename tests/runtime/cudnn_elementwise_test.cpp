// Operations of the cuDNN backend on each value by itself, and its sums of biases' gradients.
#include <cmath>
#include <limits>

#include "runtime/backend/cudnn/elements/divider.h"
#include "runtime/backend/reference/conv2d.h"
#include "runtime/backend/reference/relu.h"
#include "runtime/backend/reference/tanh.h"
#include "runtime/random.h"
#include "tests/runtime/cudnn_trial.h"
#include "tests/support/catch.h"

namespace sluice::cudnn::test {
namespace {

constexpr std::int64_t kCount = 1037;

Precision each_precision() { return GENERATE(Precision::f32, Precision::bf16); }

}  // namespace

TEST_CASE("division by a known number is exact", "[cudnn][elements]") {
  Random random(RandomKey{.seed = 3, .stream = stream_id("divider")});
  std::vector<std::int64_t> divisors{1, 2, 3, 5, 7, 96, 227, 65536, 0xFFFFFFFF, 0x100000000};
  for (int i = 0; i < 50; ++i)
    divisors.push_back(static_cast<std::int64_t>(random.below(1 << 20)) + 1);
  bool exact = true;
  for (const std::int64_t divisor : divisors) {
    const elements::Divider divider(divisor);
    for (const int bits : {8, 16, 31, 32, 33, 40, 62}) {
      for (int i = 0; i < 50; ++i) {
        const auto n = static_cast<std::int64_t>(random.below(std::uint64_t{1} << bits));
        const std::int64_t multiple = n / divisor * divisor;
        for (const std::int64_t number : {n, multiple, multiple > 0 ? multiple - 1 : 0}) {
          const elements::Divided divided = divider.divide(number);
          exact = exact && divided.quotient == number / divisor &&
                  divided.remainder == number % divisor;
        }
      }
    }
  }
  CHECK(exact);
}

TEST_CASE("a ReLU and its gradient are the reference's, in place too", "[cudnn][elements]") {
  const Precision element = each_precision();
  Floats in = numbers(kCount, 1);
  in[5] = 0.0F;
  const Floats gradient = rounded(numbers(kCount, 2), element);
  Trial trial;
  const Array values = trial.put(in, element), result = trial.space(kCount, element);
  trial.run(ReluForward{kCount, values, result});
  Floats expected(in.size());
  reference::relu_forward<float>(rounded(in, element), expected);
  CHECK(trial.values(result) == expected);
  trial.run(ReluForward{kCount, values, values});
  CHECK(trial.values(values) == expected);

  const Array slopes = trial.put(gradient, element);
  trial.run(ReluBackward{kCount, result, slopes, slopes});
  reference::relu_backward<float>(rounded(in, element), gradient, expected);
  CHECK(trial.values(slopes) == expected);
}

TEST_CASE("a bf16 net's last ReLU stores f32 and its gradient reads it", "[cudnn][elements]") {
  const Floats in = rounded(numbers(kCount, 1), Precision::bf16);
  Trial trial;
  const Array result = trial.space(kCount, Precision::f32);
  trial.run(ReluForward{kCount, trial.put(in, Precision::bf16), result});
  Floats expected(in.size());
  reference::relu_forward<float>(in, expected);
  CHECK(trial.values(result) == expected);
  const Array slopes = trial.put(in, Precision::bf16);
  trial.run(ReluBackward{kCount, result, slopes, slopes});
  CHECK(trial.values(slopes) == expected);
}

TEST_CASE("a tanh and its gradient are the reference's", "[cudnn][elements]") {
  const Precision element = each_precision();
  const Tanh spec{.amplitude = 1.7159, .slope = 2.0 / 3.0};
  Floats in = numbers(kCount, 1);
  for (float& value : in) value *= 4.0F;
  in = rounded(in, element);
  const Floats gradient = rounded(numbers(kCount, 2), element);
  Trial trial;
  const Array result = trial.space(kCount, element), slopes = trial.space(kCount, element);
  trial.run(TanhForward{kCount, spec, trial.put(in, element), result});
  Doubles expected(in.size());
  reference::tanh_forward<double>(spec, widened(in), expected);
  CHECK(close(trial.values(result), expected, element));

  // Backward reads the output, which in bf16 is rounded: so is what the derivative is taken of.
  trial.run(TanhBackward{kCount, spec, result, trial.put(gradient, element), slopes});
  const Floats out = trial.values(result);
  for (std::size_t i = 0; i < in.size(); ++i) {
    const double share = static_cast<double>(out[i]) / spec.amplitude;
    expected[i] =
        spec.amplitude * spec.slope * (1.0 - share * share) * static_cast<double>(gradient[i]);
  }
  CHECK(close(trial.values(slopes), expected, element));
  Doubles derived(in.size());
  if (element == Precision::f32) {
    reference::tanh_backward<double>(spec, widened(in), widened(gradient), derived);
    CHECK(close(trial.values(slopes), derived, element));
  }
}

TEST_CASE("rounding to bf16 takes the nearest, and keeps what is not a number",
          "[cudnn][elements]") {
  Floats from = numbers(kCount, 4);
  from[0] = std::numeric_limits<float>::quiet_NaN();
  from[1] = std::numeric_limits<float>::infinity();
  from[2] = 1.0F + 0x1p-8F;         // halfway: to the even one below
  from[3] = 1.0F + 3.0F * 0x1p-8F;  // halfway: to the even one above
  Trial trial;
  const Array to = trial.space(kCount, Precision::bf16);
  trial.run(RoundValues{kCount, trial.put(from, Precision::f32), to});
  const Floats values = trial.values(to);
  CHECK(std::isnan(values[0]));
  CHECK(std::isinf(values[1]));
  CHECK(values[2] == 1.0F);
  CHECK(values[3] == 1.0F + 0x1p-6F);
  bool nearest = true;
  for (std::size_t i = 4; i < values.size(); ++i) {
    nearest = nearest && std::abs(values[i] - from[i]) <= 0x1p-8F * std::abs(from[i]);
  }
  CHECK(nearest);
}

TEST_CASE("gradients of biases are sums over all pixels, however they are parted",
          "[cudnn][elements]") {
  const Precision element = each_precision();
  const Plane plane = GENERATE(Plane{1, 1, 1, 3}, Plane{3, 5, 5, 7}, Plane{5, 1, 1, 130});
  const int parts = GENERATE(1, 2, 16);
  const Floats gradient = rounded(numbers(plane.values(), 1), element);
  Trial trial;
  const Array sums = trial.space(plane.channels, Precision::f32);
  trial.run(
      BiasGradient{.pixels = plane.pixels(),
                   .channels = plane.channels,
                   .parts = parts,
                   .out_gradient = trial.put(gradient, element),
                   .partial = trial.space(std::int64_t{parts} * plane.channels, Precision::f32),
                   .biases_gradient = sums});
  Doubles expected(static_cast<std::size_t>(plane.channels));
  reference::conv2d_backward_biases<double>(shapes(plane, plane),
                                            widened(canonical(plane, gradient)), expected);
  CHECK(close(trial.values(sums), expected, Precision::f32));
}

}  // namespace sluice::cudnn::test
