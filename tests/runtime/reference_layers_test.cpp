// Values worked out by hand. The gradient check alone cannot see a forward that computes the wrong
// function with the right slope.
#include <cmath>
#include <vector>

#include "runtime/backend/reference/conv2d.h"
#include "runtime/backend/reference/lrn.h"
#include "runtime/backend/reference/max_pool.h"
#include "runtime/backend/reference/relu.h"
#include "runtime/backend/reference/softmax_loss.h"
#include "tests/support/catch.h"

namespace sluice::reference {
namespace {

using Values = std::vector<double>;

Values count_up(int last) {
  Values values;
  for (int i = 1; i <= last; ++i) values.push_back(i);
  return values;
}

Values normalised(const Lrn& lrn, const Values& maps) {
  const Shape row{static_cast<std::int64_t>(maps.size()), 1, 1};
  Values out(maps.size());
  lrn_forward<double>(lrn, {1, row, row}, maps, out);
  return out;
}

void check_close(const Values& values, const Values& expected) {
  REQUIRE(values.size() == expected.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    CHECK(values[i] == Approx(expected[i]).epsilon(1e-12));
  }
}

}  // namespace

TEST_CASE("a convolution pads the edges it is told to", "[runtime][reference]") {
  const Values in = count_up(9), weights{1, 10, 100, 1000}, biases{0.5};
  const BatchShapes shapes{1, {1, 3, 3}, {1, 2, 2}};
  Values out(4);
  const Conv2d far{.out_channels = 1, .kernel = 2, .stride = 2, .pad = {0, 1}};
  conv2d_forward<double>(far, shapes, in, weights, biases, out);
  CHECK(out == Values{5421.5, 603.5, 87.5, 9.5});
  const Conv2d near{.out_channels = 1, .kernel = 2, .stride = 2, .pad = {1, 0}};
  conv2d_forward<double>(near, shapes, in, weights, biases, out);
  CHECK(out == Values{1000.5, 3200.5, 7040.5, 9865.5});
}

TEST_CASE("a group of a convolution sees its own maps only", "[runtime][reference]") {
  const Conv2d conv{.out_channels = 2, .kernel = 1, .groups = 2};
  const Values in{1, 10, 100, 1000}, weights{1, 2, 3, 4}, biases{0, 0};
  Values out(2);
  conv2d_forward<double>(conv, {1, {4, 1, 1}, {2, 1, 1}}, in, weights, biases, out);
  CHECK(out == Values{21, 4300});
}

TEST_CASE("lrn sums over the window, inside its tower", "[runtime][reference]") {
  const Lrn lrn{.size = 3, .alpha = 3.0, .beta = 1.0, .k = 1.0};
  check_close(normalised(lrn, {1, 2, 3, 4}), {1.0 / 6, 2.0 / 15, 3.0 / 30, 4.0 / 26});
  Lrn towers = lrn;
  towers.towers = 2;
  check_close(normalised(towers, {1, 2, 3, 4}), {1.0 / 6, 2.0 / 6, 3.0 / 26, 4.0 / 26});
  Lrn literal = lrn;
  literal.reading = Lrn::Alpha::literal;
  check_close(normalised(literal, {1, 2, 3, 4}), {1.0 / 16, 2.0 / 43, 3.0 / 88, 4.0 / 76});
}

TEST_CASE("lrn divides alpha by the window's size even where the window is clipped",
          "[runtime][reference]") {
  check_close(normalised(Lrn{}, {3}), {3.0 / std::pow(2.0 + 9.0 * 1e-4 / 5.0, 0.75)});
}

TEST_CASE("a pooling window over the edge sees only what is there", "[runtime][reference]") {
  const BatchShapes shapes{1, {1, 4, 4}, {1, 2, 2}};
  const MaxPool pool{.kernel = 3, .stride = 2};
  Values out(4);
  std::vector<std::size_t> winners(4);
  max_pool_forward<double>(pool, shapes, count_up(16), out, winners);
  CHECK(out == Values{11, 12, 15, 16});
  Values negative = count_up(16);
  for (double& value : negative) value = -value;
  max_pool_forward<double>(pool, shapes, negative, out, winners);
  CHECK(out == Values{-1, -3, -9, -11});
  CHECK(winners == std::vector<std::size_t>{0, 2, 8, 10});
}

TEST_CASE("the first of equal values wins a pooling window", "[runtime][reference]") {
  std::vector<std::size_t> winners(1);
  Values out(1);
  max_pool_forward<double>(MaxPool{}, {1, {1, 2, 2}, {1, 1, 1}}, Values{1, 7, 7, 7}, out, winners);
  CHECK(winners[0] == 1);
}

TEST_CASE("relu is flat at zero", "[runtime][reference]") {
  Values out(3), slopes(3);
  relu_forward<double>(Values{-2, 0, 3}, out);
  relu_backward<double>(Values{-2, 0, 3}, Values{5, 5, 5}, slopes);
  CHECK(out == Values{0, 0, 3});
  CHECK(slopes == Values{0, 0, 5});
}

TEST_CASE("the softmax-loss gives the loss of a row and its weighted slope",
          "[runtime][reference]") {
  const BatchShapes shapes{2, {2}, {1}};
  const Values scores{0, std::log(3.0), 1000, 0};
  const std::vector<std::int32_t> labels{0, 1};
  const std::vector<float> weights{2, 1};
  Values losses(2), slopes(4);
  softmax_loss_forward<double>(shapes, scores, {labels, weights}, losses);
  check_close(losses, {std::log(4.0), 1000});
  softmax_loss_backward<double>(shapes, scores, {labels, weights}, slopes);
  check_close(slopes, {-1.5, 1.5, 1, -1});
}

}  // namespace sluice::reference
