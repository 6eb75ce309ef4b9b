// The host's twins of convolutions and products, and LeNet-5's own layers, against the reference.
#include <algorithm>

#include "runtime/backend/reference/conv2d.h"
#include "runtime/backend/reference/fully_connected.h"
#include "runtime/backend/reference/partial_conv2d.h"
#include "runtime/backend/reference/relu.h"
#include "runtime/backend/reference/subsample.h"
#include "tests/runtime/cudnn_trial.h"
#include "tests/support/catch.h"

namespace sluice::cudnn::test {
namespace {

Precision each_precision() { return GENERATE(Precision::f32, Precision::bf16); }

const std::vector<ConvolutionShape> kShapes{
    {.in = {1, 1, 1, 1}, .out = {1, 1, 1, 1}},
    {.in = {3, 7, 7, 3}, .out = {3, 7, 7, 5}, .kernel = 3, .pad_before = 1, .pad_after = 1},
    {.in = {2, 9, 9, 4}, .out = {2, 4, 4, 6}, .kernel = 3, .stride = 2, .groups = 2},
    {.in = {2, 8, 8, 3},
     .out = {2, 3, 3, 4},
     .kernel = 4,
     .stride = 3,
     .pad_before = 2,
     .pad_after = 0},
    {.in = {2, 8, 8, 6},
     .out = {2, 3, 3, 9},
     .kernel = 5,
     .stride = 2,
     .pad_after = 1,
     .groups = 3}};

Conv2d spec_of(const ConvolutionShape& shape) {
  return {.out_channels = shape.out.channels,
          .kernel = shape.kernel,
          .stride = shape.stride,
          .pad = {shape.pad_before, shape.pad_after},
          .groups = shape.groups};
}

// Weights (out, in, y, x) as a plane whose rows are the outputs.
Plane weights_of(const ConvolutionShape& shape) {
  return {shape.out.channels, shape.kernel, shape.kernel, shape.in.channels / shape.groups};
}

// Values in memory's order and in the reference's.
struct Numbers {
  Floats values;
  Doubles canonical;

  Numbers(const Plane& plane, std::uint32_t seed, Precision element)
      : values(rounded(numbers(plane.values(), seed), element)),
        canonical(test::canonical(plane, widened(values))) {}
};

}  // namespace

TEST_CASE("the host's convolution is the reference's: groups, strides, uneven edges",
          "[cudnn][host]") {
  const Precision element = each_precision();
  const ConvolutionShape shape = GENERATE(from_range(kShapes));
  const FusedRelu relu = GENERATE(FusedRelu::no, FusedRelu::yes);
  const Numbers in(shape.in, 1, element), weights(weights_of(shape), 2, element);
  const Floats biases = numbers(shape.out.channels, 3);
  Trial trial;
  const Array out = trial.space(shape.out.values(), element);
  trial.run(ConvolutionForward{shape, relu, trial.put(in.values, element),
                               trial.put(weights.values, element),
                               trial.put(biases, Precision::f32), out});
  Doubles expected(static_cast<std::size_t>(shape.out.values()));
  reference::conv2d_forward<double>(spec_of(shape), shapes(shape.in, shape.out), in.canonical,
                                    weights.canonical, widened(biases), expected);
  if (relu == FusedRelu::yes) reference::relu_forward<double>(expected, expected);
  CHECK(close(trial.values(out), channels_last(shape.out, expected), element));
}

TEST_CASE("the host's gradients of a convolution are the reference's", "[cudnn][host]") {
  const Precision element = each_precision();
  const ConvolutionShape shape = GENERATE(from_range(kShapes));
  const Plane of_weights = weights_of(shape);
  const Numbers in(shape.in, 1, element), weights(of_weights, 2, element);
  const Numbers gradient(shape.out, 3, element);
  Trial trial;
  const Array slopes = trial.put(gradient.values, element);
  const Array to_in = trial.space(shape.in.values(), element);
  const Array to_weights = trial.space(of_weights.values(), Precision::f32);
  trial.run(ConvolutionBackwardData{shape, slopes, trial.put(weights.values, element), to_in});
  trial.run(ConvolutionBackwardWeights{shape, slopes, trial.put(in.values, element), to_weights});
  const reference::BatchShapes sizes = shapes(shape.in, shape.out);
  Doubles expected(in.values.size());
  reference::conv2d_backward_input<double>(spec_of(shape), sizes, gradient.canonical,
                                           weights.canonical, expected);
  CHECK(close(trial.values(to_in), channels_last(shape.in, expected), element));
  expected.resize(weights.values.size());
  reference::conv2d_backward_weights<double>(spec_of(shape), sizes, in.canonical,
                                             gradient.canonical, expected);
  CHECK(close(trial.values(to_weights), channels_last(of_weights, expected), Precision::f32));
}

TEST_CASE("the host's products are the reference's", "[cudnn][host]") {
  const Precision element = each_precision();
  const ProductShape shape = GENERATE(ProductShape{1, 1, 1}, ProductShape{3, 37, 5});
  const FusedRelu relu = GENERATE(FusedRelu::no, FusedRelu::yes);
  const reference::BatchShapes sizes{shape.rows, {shape.in}, {shape.out}};
  const Floats in = rounded(numbers(shape.rows * shape.in, 1), element);
  const Floats weights = rounded(numbers(shape.out * shape.in, 2), element);
  const Floats gradient = rounded(numbers(shape.rows * shape.out, 3), element);
  const Floats biases = numbers(shape.out, 4);
  Trial trial;
  const Array source = trial.put(in, element), kept = trial.put(weights, element);
  const Array slopes = trial.put(gradient, element);
  const Array out = trial.space(shape.rows * shape.out, Precision::f32);
  trial.run(ProductForward{shape, relu, source, kept, trial.put(biases, Precision::f32), out});
  Doubles expected(gradient.size());
  reference::fully_connected_forward<double>(sizes, widened(in), widened(weights), widened(biases),
                                             expected);
  if (relu == FusedRelu::yes) reference::relu_forward<double>(expected, expected);
  CHECK(close(trial.values(out), expected, Precision::f32));

  const Array to_in = trial.space(shape.rows * shape.in, element);
  trial.run(ProductBackwardData{shape, slopes, kept, to_in});
  expected.resize(in.size());
  reference::fully_connected_backward_input<double>(sizes, widened(gradient), widened(weights),
                                                    expected);
  CHECK(close(trial.values(to_in), expected, element));
  const Array to_weights = trial.space(shape.out * shape.in, Precision::f32);
  trial.run(ProductBackwardWeights{shape, slopes, source, to_weights});
  expected.resize(weights.size());
  reference::fully_connected_backward_weights<double>(sizes, widened(in), widened(gradient),
                                                      expected);
  CHECK(close(trial.values(to_weights), expected, Precision::f32));
}

TEST_CASE("a convolution by a table of connections is the reference's", "[cudnn][elements]") {
  const Precision element = each_precision();
  const int rows = GENERATE(1, 3);
  const Plane in{rows, 7, 7, 3}, out{rows, 5, 5, 4};
  const PartialConv2d spec{.kernel = 3, .sees = {{0, 1}, {2}, {0, 1, 2}, {1}}};
  const std::vector<std::int32_t> pairs{0, 0, 0, 1, 1, 2, 2, 0, 2, 1, 2, 2, 3, 1};
  const int connections = 7, kernels = connections * 9;
  const Numbers source(in, 1, element), gradient(out, 2, element);
  const Floats weights = rounded(numbers(kernels, 3), element), biases = numbers(4, 4);
  const reference::BatchShapes sizes = shapes(in, out);
  Trial trial;
  const Array table = trial.put_bytes(pairs, Home::parameters);
  const Array from = trial.put(source.values, element), kept = trial.put(weights, element);
  const Array slopes = trial.put(gradient.values, element);
  const Array result = trial.space(out.values(), element);
  trial.run(PartialConvolutionForward{in, out, 3, connections, table, from, kept,
                                      trial.put(biases, Precision::f32), result});
  Doubles expected(gradient.values.size());
  reference::partial_conv2d_forward<double>(spec, sizes, source.canonical, widened(weights),
                                            widened(biases), expected);
  CHECK(close(trial.values(result), channels_last(out, expected), element));

  const Array to_in = trial.space(in.values(), element);
  trial.run(PartialConvolutionBackwardData{in, out, 3, connections, table, slopes, kept, to_in});
  expected.resize(source.values.size());
  reference::partial_conv2d_backward_input<double>(spec, sizes, gradient.canonical,
                                                   widened(weights), expected);
  CHECK(close(trial.values(to_in), channels_last(in, expected), element));
  const Array to_weights = trial.space(kernels, Precision::f32);
  trial.run(
      PartialConvolutionBackwardWeights{in, out, 3, connections, table, slopes, from, to_weights});
  expected.resize(weights.size());
  reference::partial_conv2d_backward_weights<double>(spec, sizes, source.canonical,
                                                     gradient.canonical, expected);
  CHECK(close(trial.values(to_weights), expected, Precision::f32));
}

TEST_CASE("subsampling with its coefficients is the reference's", "[cudnn][elements]") {
  const Precision element = each_precision();
  const int rows = GENERATE(1, 3), side = GENERATE(2, 3);
  const Plane out{rows, 3, 3, 5}, in{rows, 3 * side, 3 * side, 5};
  const Numbers source(in, 1, element), gradient(out, 2, element);
  const Floats coefficients = rounded(numbers(5, 3), element), biases = numbers(5, 4);
  const reference::BatchShapes sizes = shapes(in, out);
  Trial trial;
  const Array from = trial.put(source.values, element),
              slopes = trial.put(gradient.values, element);
  const Array kept = trial.put(coefficients, element), result = trial.space(out.values(), element);
  trial.run(SubsampleForward{in, out, side, from, kept, trial.put(biases, Precision::f32), result});
  Doubles expected(gradient.values.size());
  reference::subsample_forward<double>(sizes, source.canonical, widened(coefficients),
                                       widened(biases), expected);
  CHECK(close(trial.values(result), channels_last(out, expected), element));

  const Array to_in = trial.space(in.values(), element);
  trial.run(SubsampleBackwardData{in, out, side, slopes, kept, to_in});
  expected.resize(source.values.size());
  reference::subsample_backward_input<double>(sizes, gradient.canonical, widened(coefficients),
                                              expected);
  CHECK(close(trial.values(to_in), channels_last(in, expected), element));
  const Array to_coefficients = trial.space(5, Precision::f32);
  trial.run(SubsampleBackwardWeights{in, out, side, slopes, from, to_coefficients});
  expected.resize(5);
  reference::subsample_backward_coefficients<double>(sizes, source.canonical, gradient.canonical,
                                                     expected);
  CHECK(close(trial.values(to_coefficients), expected, Precision::f32));
}

}  // namespace sluice::cudnn::test
