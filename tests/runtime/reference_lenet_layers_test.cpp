// Values worked out by hand for the layers and losses of the first LeNet and its kin. The gradient
// check alone cannot see a forward that computes the wrong function with the right slope.
#include <cmath>
#include <vector>

#include "runtime/backend/reference/hinge_loss.h"
#include "runtime/backend/reference/map_loss.h"
#include "runtime/backend/reference/max_pool.h"
#include "runtime/backend/reference/partial_conv2d.h"
#include "runtime/backend/reference/rbf.h"
#include "runtime/backend/reference/same_map_lrn.h"
#include "runtime/backend/reference/softmax_loss.h"
#include "runtime/backend/reference/subsample.h"
#include "runtime/backend/reference/tanh.h"
#include "tests/support/catch.h"

namespace sluice::reference {
namespace {

using Values = std::vector<double>;

Values count_up(int last) {
  Values values;
  for (int i = 1; i <= last; ++i) values.push_back(i);
  return values;
}

void check_close(const Values& values, const Values& expected) {
  REQUIRE(values.size() == expected.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    CAPTURE(i);
    CHECK(values[i] == Approx(expected[i]).epsilon(1e-12).margin(1e-14));
  }
}

}  // namespace

TEST_CASE("a map of a partial convolution sees the maps of its line of the table",
          "[runtime][reference]") {
  const PartialConv2d conv{.kernel = 1, .sees = {{0, 2}, {1}}};
  Values out(2);
  partial_conv2d_forward<double>(conv, {1, {3, 1, 1}, {2, 1, 1}}, Values{1, 10, 100},
                                 Values{2, 3, 4}, Values{0.5, 0}, out);
  CHECK(out == Values{302.5, 40});
}

TEST_CASE("a partial convolution neither pads nor flips its kernels", "[runtime][reference]") {
  const PartialConv2d conv{.kernel = 2, .sees = {{0}}};
  Values out(4);
  partial_conv2d_forward<double>(conv, {1, {1, 3, 3}, {1, 2, 2}}, count_up(9),
                                 Values{1, 10, 100, 1000}, Values{0}, out);
  CHECK(out == Values{5421, 6532, 8754, 9865});
}

TEST_CASE("tanh is scaled inside and outside", "[runtime][reference]") {
  const Tanh tanh{.amplitude = 2.0, .slope = 0.5};
  Values out(2), slopes(2), curvature(2);
  const Values in{std::log(9.0), -std::log(9.0)};
  tanh_forward<double>(tanh, in, out);
  check_close(out, {1.6, -1.6});
  tanh_backward<double>(tanh, in, Values{1, 10}, slopes);
  check_close(slopes, {0.36, 3.6});
  tanh_curvature<double>(tanh, in, Values{1, 10}, curvature);
  check_close(curvature, {0.36 * 0.36, 3.6 * 0.36});
}

TEST_CASE("LeNet's tanh maps 1 to 1 and -1 to -1", "[runtime][reference]") {
  Values out(2);
  tanh_forward<double>(Tanh{.amplitude = 1.7159, .slope = 2.0 / 3.0}, Values{1, -1}, out);
  CHECK(out[0] == Approx(1.0).epsilon(1e-4));
  CHECK(out[1] == Approx(-1.0).epsilon(1e-4));
}

TEST_CASE("same-map lrn sums a square of its own map", "[runtime][reference]") {
  const SameMapLrn lrn{.size = 3, .alpha = 9.0, .beta = 1.0, .k = 1.0};
  Values in = count_up(9), out(18);
  in.resize(18, 2.0);  // the second map
  same_map_lrn_forward<double>(lrn, {1, {2, 3, 3}, {2, 3, 3}}, in, out);
  check_close({out[0], out[1], out[4], out[8]},
              {1.0 / 47, 2.0 / 92, 5.0 / 286, 9.0 / (1 + 25 + 36 + 64 + 81)});
  check_close({out[9], out[10], out[13]}, {2.0 / 17, 2.0 / 25, 2.0 / 37});
}

TEST_CASE("subsampling weighs the sum of a window", "[runtime][reference]") {
  const BatchShapes shapes{1, {1, 4, 4}, {1, 2, 2}};
  Values out(4), slope(1), curvature(1);
  subsample_forward<double>(shapes, count_up(16), Values{0.5}, Values{1}, out);
  CHECK(out == Values{8, 12, 24, 28});
  subsample_backward_coefficients<double>(shapes, count_up(16), Values{1, 0, 2, 0}, slope);
  CHECK(slope[0] == 14 + 2 * 46);
  subsample_curvature_coefficients<double>(shapes, count_up(16), Values{1, 0, 2, 0}, curvature);
  CHECK(curvature[0] == 14 * 14 + 2 * 46 * 46);
}

TEST_CASE("subsampling has a coefficient and a bias a map", "[runtime][reference]") {
  Values out(4);
  subsample_forward<double>({2, {2, 2, 2}, {2, 1, 1}}, count_up(16), Values{1, 10}, Values{0, 0.5},
                            out);
  CHECK(out == Values{10, 260.5, 42, 580.5});
}

TEST_CASE("a pooling window that looks over the edge is left out where sizes round down",
          "[runtime][reference]") {
  const MaxPool pool{.kernel = 3, .stride = 2, .rounding = MaxPool::Rounding::down};
  Values out(1);
  std::vector<std::size_t> winners(1);
  max_pool_forward<double>(pool, {1, {1, 4, 4}, {1, 1, 1}}, count_up(16), out, winners);
  CHECK(out == Values{11});
}

TEST_CASE("a score of codes is minus the squared distance", "[runtime][reference]") {
  const Rbf rbf{{{1, -1}, {-1, -1}}};
  const BatchShapes shapes{1, {2}, {2}};
  Values scores(2), slopes(2), curvature(2);
  const Values in{0.5, -2};
  rbf_forward<double>(rbf, shapes, in, scores);
  check_close(scores, {-1.25, -3.25});
  rbf_backward<double>(rbf, shapes, in, Values{1, 10}, slopes);
  check_close(slopes, {1 - 30, 2 + 20});
  const std::vector<std::int32_t> labels{1};
  const std::vector<float> weights{0.5F};
  rbf_curvature<double>(shapes, {labels, weights}, curvature);
  check_close(curvature, {1, 1});
}

TEST_CASE("the hinge-loss counts what comes within the margin and is flat at the hinge",
          "[runtime][reference]") {
  const BatchShapes shapes{2, {4}, {1}};
  const Values scores{3, 2, 2.5, -1, 0, 0, 0, 0};
  const std::vector<std::int32_t> labels{0, 9};
  const std::vector<float> weights{2, 0};
  Values losses(2), slopes(8);
  hinge_loss_forward<double>(HingeLoss{}, shapes, scores, {labels, weights}, losses);
  CHECK(losses == Values{0.5, 0});
  hinge_loss_backward<double>(HingeLoss{}, shapes, scores, {labels, weights}, slopes);
  CHECK(slopes == Values{-2, 0, 2, 0, 0, 0, 0, 0});
  hinge_loss_forward<double>(HingeLoss{.margin = 2.0}, shapes, scores, {labels, weights}, losses);
  CHECK(losses == Values{2.5, 0});
}

TEST_CASE("the map-loss has one more class whose score is fixed", "[runtime][reference]") {
  const BatchShapes shapes{3, {2}, {1}};
  const Values scores{0, std::log(3.0), 5, 5, 1000, 0};
  const std::vector<std::int32_t> labels{1, 9, 1};
  const std::vector<float> weights{2, 0, 1};
  const MapLoss loss{.garbage = -std::log(4.0)};
  Values losses(3), slopes(6), curvature(6);
  map_loss_forward<double>(loss, shapes, scores, {labels, weights}, losses);
  check_close(losses, {std::log(8.0 / 3.0), 0, 1000});
  map_loss_backward<double>(loss, shapes, scores, {labels, weights}, slopes);
  check_close(slopes, {2.0 / 8, -2.0 * 5 / 8, 0, 0, 1, -1});
  map_loss_curvature<double>(loss, shapes, scores, {labels, weights}, curvature);
  check_close(curvature, {2.0 * 7 / 64, 2.0 * 15 / 64, 0, 0, 0, 0});
}

TEST_CASE("without garbage the map-loss is the softmax-loss", "[runtime][reference]") {
  const BatchShapes shapes{1, {3}, {1}};
  const Values scores{0.3, -1.2, 0.8};
  const std::vector<std::int32_t> labels{1};
  const std::vector<float> weights{1};
  Values a(3), b(3);
  map_loss_curvature<double>({.garbage = 800.0}, shapes, scores, {labels, weights}, a);
  softmax_loss_curvature<double>(shapes, scores, {labels, weights}, b);
  check_close(a, b);
  map_loss_backward<double>({.garbage = 800.0}, shapes, scores, {labels, weights}, a);
  softmax_loss_backward<double>(shapes, scores, {labels, weights}, b);
  check_close(a, b);
}

}  // namespace sluice::reference
