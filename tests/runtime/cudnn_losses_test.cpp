// The cuDNN backend's losses and codes against the reference; rows that do not count.
#include <cmath>
#include <limits>

#include "runtime/backend/reference/hinge_loss.h"
#include "runtime/backend/reference/map_loss.h"
#include "runtime/backend/reference/rbf.h"
#include "runtime/backend/reference/softmax_loss.h"
#include "tests/runtime/cudnn_trial.h"
#include "tests/support/catch.h"

namespace sluice::cudnn::test {
namespace {

using Spec = std::variant<SoftmaxLoss, HingeLoss, MapLoss>;

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

Precision each_precision() { return GENERATE(Precision::f32, Precision::bf16); }

const std::vector<Spec> kLosses{SoftmaxLoss{}, HingeLoss{.margin = 0.75}, MapLoss{.garbage = 0.5}};

// The middle row counts half; the last, of more than one, not at all: it holds NaN and a label that
// no class has.
struct LossTrial {
  int rows;
  int classes;
  Floats scores;
  std::vector<std::int32_t> labels;
  Floats weights;
  std::vector<std::int32_t> other_labels;
  Floats other_shares;

  LossTrial(int of_rows, int of_classes, float largest, float other_share)
      : rows(of_rows),
        classes(of_classes),
        scores(numbers(std::int64_t{rows} * classes, 1)),
        labels(static_cast<std::size_t>(rows)),
        weights(static_cast<std::size_t>(rows), 1.0F),
        other_labels(static_cast<std::size_t>(rows), 1),
        other_shares(static_cast<std::size_t>(rows), other_share) {
    for (float& score : scores) score *= largest;
    for (int row = 0; row < rows; ++row) {
      labels[static_cast<std::size_t>(row)] = (row * 7 + 3) % classes;
    }
    weights[weights.size() / 2] = 0.5F;
    if (rows == 1) return;
    weights.back() = 0.0F;
    other_shares.front() = 0.0F;  // its other label is not looked at
    other_labels.front() = -3;
    labels.back() = -5;
    std::fill(scores.end() - classes, scores.end(), kNaN);
  }

  reference::BatchShapes shapes() const { return {rows, {classes}, {1}}; }
  reference::Targets targets() const { return {labels, weights, other_labels, other_shares}; }
};

struct ExpectedLosses {
  const LossTrial& t;
  const Doubles scores = widened(t.scores);
  Doubles losses = Doubles(t.labels.size());
  Doubles gradient = Doubles(t.scores.size());

  void operator()(const SoftmaxLoss&) {
    reference::softmax_loss_forward<double>(t.shapes(), scores, t.targets(), losses);
    reference::softmax_loss_backward<double>(t.shapes(), scores, t.targets(), gradient);
  }
  void operator()(const HingeLoss& hinge) {
    reference::hinge_loss_forward<double>(hinge, t.shapes(), scores, t.targets(), losses);
    reference::hinge_loss_backward<double>(hinge, t.shapes(), scores, t.targets(), gradient);
  }
  void operator()(const MapLoss& map) {
    reference::map_loss_forward<double>(map, t.shapes(), scores, t.targets(), losses);
    reference::map_loss_backward<double>(map, t.shapes(), scores, t.targets(), gradient);
  }
};

struct LossArrays {
  Array losses;
  Array gradient;
};

LossArrays run_loss(Trial& trial, const LossTrial& t, const Spec& spec, Precision element) {
  const Array scores = trial.put(t.scores, Precision::f32);
  const Array labels = trial.put_bytes(t.labels, Home::step);
  const Array weights = trial.put(t.weights, Precision::f32, Home::step);
  const Array other_labels = trial.put_bytes(t.other_labels, Home::step);
  const Array other_shares = trial.put(t.other_shares, Precision::f32, Home::step);
  const LossArrays to{trial.space(t.rows, Precision::f32),
                      trial.space(std::int64_t{t.rows} * t.classes, element)};
  trial.run(LossForward{t.rows, t.classes, spec, scores, labels, weights, other_labels,
                        other_shares, to.losses});
  trial.run(LossBackward{t.rows, t.classes, spec, scores, labels, weights, other_labels,
                         other_shares, to.gradient});
  return to;
}

struct Size {
  int rows;
  int classes;
};

}  // namespace

TEST_CASE("losses and their gradients are the reference's", "[cudnn][elements]") {
  const Precision element = each_precision();
  const Spec spec = GENERATE(from_range(kLosses));
  const Size size = GENERATE(Size{1, 2}, Size{5, 10}, Size{4, 33}, Size{3, 1000});
  const float largest = GENERATE(1.0F, 30.0F, 3000.0F);
  CAPTURE(precision_name(element), spec.index(), size.rows, size.classes, largest);
  const float other_share = GENERATE(0.0F, 0.3F, 1.0F);
  CAPTURE(other_share);
  const LossTrial t(size.rows, size.classes, largest, other_share);
  Trial trial;
  const LossArrays to = run_loss(trial, t, spec, element);
  ExpectedLosses expected{t};
  std::visit(expected, spec);
  CHECK(close(trial.values(to.losses), expected.losses, Precision::f32));
  CHECK(close(trial.values(to.gradient), expected.gradient, element));
}

TEST_CASE("a row of weight 0 has loss 0 and no gradient, whatever stands in it",
          "[cudnn][elements]") {
  const Precision element = each_precision();
  const Spec spec = GENERATE(from_range(kLosses));
  const LossTrial t(4, 10, 1.0F, 0.0F);
  Trial trial;
  const LossArrays to = run_loss(trial, t, spec, element);
  CHECK(trial.values(to.losses).back() == 0.0F);
  const Floats gradient = trial.values(to.gradient);
  CHECK(Floats(gradient.end() - t.classes, gradient.end()) == Floats(10, 0.0F));
  CHECK(Floats(gradient.begin(), gradient.begin() + t.classes) != Floats(10, 0.0F));
}

TEST_CASE("a loss of scores that are no numbers is none, of minus infinity beside others it is one",
          "[cudnn][elements]") {
  LossTrial t(3, 40, 1.0F, 0.0F);
  t.weights = {1.0F, 1.0F, 1.0F};
  t.labels = {0, 1, 2};
  std::fill(t.scores.end() - t.classes, t.scores.end(), 0.5F);
  t.scores[17] = kNaN;
  t.scores[40 + 33] = t.scores[40 + 17] = -std::numeric_limits<float>::infinity();
  const Spec spec = GENERATE(Spec{SoftmaxLoss{}}, Spec{MapLoss{}});
  Trial trial;
  const LossArrays to = run_loss(trial, t, spec, Precision::f32);
  const Floats losses = trial.values(to.losses);
  CHECK(std::isnan(losses[0]));
  CHECK(std::isfinite(losses[1]));
  CHECK(std::isfinite(losses[2]));
  CHECK(std::isnan(trial.values(to.gradient)[5]));
  CHECK(trial.values(to.gradient)[40 + 17] == 0.0F);
}

TEST_CASE("scores by codes and their gradient are the reference's", "[cudnn][elements]") {
  const Precision element = each_precision();
  const int features = GENERATE(1, 84);
  const int rows = GENERATE(1, 3), classes = 10;
  Rbf spec;
  std::vector<std::int8_t> flat;
  for (int c = 0; c < classes; ++c) {
    std::vector<std::int8_t> code;
    for (int f = 0; f < features; ++f) {
      code.push_back((c * 31 + f * 17) % 3 == 0 ? std::int8_t{1} : std::int8_t{-1});
    }
    flat.insert(flat.end(), code.begin(), code.end());
    spec.codes.push_back(code);
  }
  const reference::BatchShapes shapes{rows, {features}, {classes}};
  const Floats in = rounded(numbers(std::int64_t{rows} * features, 1), element);
  const Floats gradient = rounded(numbers(std::int64_t{rows} * classes, 2), element);
  Trial trial;
  const Array codes = trial.put_bytes(flat, Home::parameters);
  const Array source = trial.put(in, element);
  const Array scores = trial.space(std::int64_t{rows} * classes, Precision::f32);
  trial.run(RbfForward{rows, features, classes, codes, source, scores});
  Doubles expected(static_cast<std::size_t>(rows * classes));
  reference::rbf_forward<double>(spec, shapes, widened(in), expected);
  CHECK(close(trial.values(scores), expected, Precision::f32));

  const Array slopes = trial.space(std::int64_t{rows} * features, element);
  trial.run(
      RbfBackward{rows, features, classes, codes, source, trial.put(gradient, element), slopes});
  Doubles derived(in.size());
  reference::rbf_backward<double>(spec, shapes, widened(in), widened(gradient), derived);
  CHECK(close(trial.values(slopes), derived, element));
}

}  // namespace sluice::cudnn::test
