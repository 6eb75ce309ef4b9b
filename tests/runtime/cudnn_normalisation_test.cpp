// The cuDNN backend's normalisations and pooling layers against the reference.
#include "runtime/backend/reference/lrn.h"
#include "runtime/backend/reference/max_pool.h"
#include "runtime/backend/reference/same_map_lrn.h"
#include "tests/runtime/cudnn_trial.h"
#include "tests/support/catch.h"

namespace sluice::cudnn::test {
namespace {

Precision each_precision() { return GENERATE(Precision::f32, Precision::bf16); }

struct LrnCase {
  Plane plane;
  Lrn spec;
};

const std::vector<LrnCase> kLrnCases{
    {{1, 1, 1, 1}, {.size = 5}},
    {{3, 5, 5, 7}, {.size = 5, .alpha = 0.3, .reading = Lrn::Alpha::window}},
    {{2, 3, 3, 12}, {.size = 5, .alpha = 0.3, .towers = 2, .reading = Lrn::Alpha::literal}},
    {{2, 3, 3, 6}, {.size = 3, .alpha = 0.5, .beta = 0.6, .k = 1.0, .towers = 3}}};

struct SameMapCase {
  Plane plane;
  SameMapLrn spec;
};

const std::vector<SameMapCase> kSameMapCases{
    {{1, 1, 1, 2}, {.size = 5, .alpha = 0.4}},
    {{3, 7, 7, 5}, {.size = 5, .alpha = 2.0}},
    {{2, 4, 4, 3}, {.size = 3, .alpha = 1.5, .beta = 0.5, .k = 2.0}}};

struct PoolCase {
  Plane in, out;
  MaxPool spec;
};

const std::vector<PoolCase> kPoolCases{
    {{1, 1, 1, 1}, {1, 1, 1, 1}, {.kernel = 3, .stride = 2}},
    {{3, 7, 7, 5}, {3, 3, 3, 5}, {.kernel = 3, .stride = 2}},
    {{2, 8, 8, 3}, {2, 4, 4, 3}, {.kernel = 3, .stride = 2}},  // last windows over the edge
    {{2, 5, 5, 4}, {2, 3, 3, 4}, {.kernel = 2, .stride = 2}},
    {{2, 9, 9, 2}, {2, 3, 3, 2}, {.kernel = 2, .stride = 4}}};  // pixels that no window sees

// Few different values, so that windows have several largest.
Floats with_ties(std::int64_t count) {
  Floats values = numbers(count, 3);
  for (float& value : values) value = static_cast<float>(static_cast<int>(value * 3.0F));
  return values;
}

// The place in the whole canonical batch of the input that each output's byte points to.
std::vector<std::size_t> winners(const PoolCase& c, const std::vector<std::uint8_t>& argmax) {
  std::vector<std::size_t> to(argmax.size());
  for (std::size_t o = 0; o < argmax.size(); ++o) {
    const std::size_t at = canonical_index(c.out, o);
    const auto width = static_cast<std::size_t>(c.out.width),
               side = static_cast<std::size_t>(c.in.width);
    const auto kernel = static_cast<std::size_t>(c.spec.kernel);
    const auto stride = static_cast<std::size_t>(c.spec.stride);
    const std::size_t map = at / (width * width);
    const std::size_t y = at / width % width * stride + argmax[o] / kernel;
    const std::size_t x = at % width * stride + argmax[o] % kernel;
    to[at] = (map * side + y) * side + x;
  }
  return to;
}

}  // namespace

TEST_CASE("normalisation across maps is the reference's", "[cudnn][elements]") {
  const Precision element = each_precision();
  const LrnCase c = GENERATE(from_range(kLrnCases));
  const Plane& plane = c.plane;
  const Floats in = rounded(numbers(plane.values(), 1), element);
  const Floats gradient = rounded(numbers(plane.values(), 2), element);
  Trial trial;
  const Array source = trial.put(in, element), result = trial.space(plane.values(), element);
  trial.run(LrnForward{plane, c.spec, source, result});
  const Doubles a = widened(canonical(plane, in)), g = widened(canonical(plane, gradient));
  Doubles expected(in.size());
  reference::lrn_forward<double>(c.spec, shapes(plane, plane), a, expected);
  CHECK(close(trial.values(result), channels_last(plane, expected), element));

  const Array slopes = trial.space(plane.values(), element);
  trial.run(LrnBackward{plane, c.spec, source, trial.put(gradient, element), slopes});
  reference::lrn_backward<double>(c.spec, shapes(plane, plane), a, g, expected);
  CHECK(close(trial.values(slopes), channels_last(plane, expected), element));
}

TEST_CASE("normalisation within a map is the reference's", "[cudnn][elements]") {
  const Precision element = each_precision();
  const SameMapCase c = GENERATE(from_range(kSameMapCases));
  const Plane& plane = c.plane;
  const Floats in = rounded(numbers(plane.values(), 1), element);
  const Floats gradient = rounded(numbers(plane.values(), 2), element);
  Trial trial;
  const Array source = trial.put(in, element), result = trial.space(plane.values(), element);
  trial.run(SameMapLrnForward{plane, c.spec, source, result});
  const Doubles a = widened(canonical(plane, in)), g = widened(canonical(plane, gradient));
  Doubles expected(in.size());
  reference::same_map_lrn_forward<double>(c.spec, shapes(plane, plane), a, expected);
  CHECK(close(trial.values(result), channels_last(plane, expected), element));

  const Array slopes = trial.space(plane.values(), element);
  trial.run(SameMapLrnBackward{plane, c.spec, source, trial.put(gradient, element), slopes});
  reference::same_map_lrn_backward<double>(c.spec, shapes(plane, plane), a, g, expected);
  CHECK(close(trial.values(slopes), channels_last(plane, expected), element));
}

TEST_CASE("of equal values a pooling window takes the first, and the gradient goes there",
          "[cudnn][elements]") {
  const Precision element = each_precision();
  const PoolCase c = GENERATE(from_range(kPoolCases));
  const Floats in = with_ties(c.in.values());
  const Floats gradient = rounded(numbers(c.out.values(), 2), element);
  Trial trial;
  const Array source = trial.put(in, element), result = trial.space(c.out.values(), element);
  const auto outputs = static_cast<std::size_t>(c.out.values());
  const Array argmax = trial.space_of_bytes(outputs, Home::program);
  trial.run(MaxPoolForward{c.in, c.out, c.spec.kernel, c.spec.stride, source, result, argmax});
  Floats expected(outputs);
  std::vector<std::size_t> chosen(outputs);
  reference::max_pool_forward<float>(c.spec, shapes(c.in, c.out), canonical(c.in, in), expected,
                                     chosen);
  CHECK(trial.values(result) == channels_last(c.out, expected));
  CHECK(winners(c, trial.bytes_as<std::uint8_t>(argmax, outputs)) == chosen);

  const Array slopes = trial.space(c.in.values(), element);
  trial.run(MaxPoolBackward{c.in, c.out, c.spec.kernel, c.spec.stride, argmax,
                            trial.put(gradient, element), slopes});
  Doubles sums(in.size());
  reference::max_pool_backward<double>(widened(canonical(c.out, gradient)), chosen, sums);
  CHECK(close(trial.values(slopes), channels_last(c.in, sums), element));
}

TEST_CASE("pooling in evaluation asks for no places", "[cudnn][elements]") {
  const PoolCase c = kPoolCases[1];
  const Floats in = with_ties(c.in.values());
  Trial trial;
  const Array result = trial.space(c.out.values(), Precision::f32);
  trial.run(MaxPoolForward{.in = c.in,
                           .out = c.out,
                           .kernel = c.spec.kernel,
                           .stride = c.spec.stride,
                           .source = trial.put(in, Precision::f32),
                           .result = result});
  Floats expected(static_cast<std::size_t>(c.out.values()));
  std::vector<std::size_t> chosen(expected.size());
  reference::max_pool_forward<float>(c.spec, shapes(c.in, c.out), canonical(c.in, in), expected,
                                     chosen);
  CHECK(trial.values(result) == channels_last(c.out, expected));
}

}  // namespace sluice::cudnn::test
