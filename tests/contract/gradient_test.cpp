// The reference's gradients, in double, against central differences of its own loss.
#include <algorithm>
#include <cmath>

#include "runtime/backend/reference/net_runner.h"
#include "runtime/net/net_state.h"
#include "tests/support/catch.h"
#include "tests/support/layer_cases.h"

namespace sluice::test {
namespace {

using Runner = reference::NetRunner<double>;

// Truncation grows with the square of the step, rounding with its inverse; both stay near 1e-10.
constexpr double kStep = 1e-5;
constexpr double kTolerance = 1e-6;

// A case's net in double, ready to be run and disturbed.
class Subject {
 public:
  explicit Subject(const LayerCase& c)
      : data_(case_data(c)), runner_(c.net, c.batch, Purpose::training) {
    const std::vector<float> rows = canonical_rows(c, data_.rows);
    rows_.assign(rows.begin(), rows.end());
    const NetState state(c.net, 17);
    for (std::size_t i = 0; i < state.parameters().size(); ++i) {
      std::ranges::copy(state.read(i), runner_.parameter(i).begin());
    }
  }

  Runner& runner() { return runner_; }
  std::span<double> rows() { return rows_; }
  double loss() {
    const StepInput step = data_.input();
    runner_.forward({.rows = rows_,
                     .labels = step.labels,
                     .row_weights = step.row_weights,
                     .other_labels = step.other_labels,
                     .other_shares = step.other_shares,
                     .seed = step.seed,
                     .step = step.step,
                     .first_row = step.first_row});
    return runner_.loss();
  }

 private:
  CaseData data_;
  std::vector<double> rows_;
  Runner runner_;
};

std::vector<double> numeric_gradient(Subject& subject, std::span<double> values) {
  std::vector<double> gradient;
  for (double& value : values) {
    const double here = value;
    value = here + kStep;
    const double above = subject.loss();
    value = here - kStep;
    const double below = subject.loss();
    value = here;
    gradient.push_back((above - below) / (2.0 * kStep));
  }
  return gradient;
}

double norm(std::span<const double> values) {
  double sum = 0.0;
  for (const double value : values) sum += value * value;
  return std::sqrt(sum);
}

double difference(std::span<const double> a, std::span<const double> b) {
  std::vector<double> apart;
  for (std::size_t i = 0; i < a.size(); ++i) apart.push_back(a[i] - b[i]);
  return norm(apart);
}

std::vector<LayerCase> all_cases() {
  std::vector<LayerCase> cases = layer_cases();
  for (LayerCase& c : window_cases()) cases.push_back(std::move(c));
  return cases;
}

}  // namespace

TEST_CASE("the reference's gradients are the slopes of its loss", "[backend][gradient]") {
  for (const LayerCase& c : all_cases()) {
    CAPTURE(c.name);
    Subject subject(c);
    subject.loss();
    subject.runner().backward();
    const std::vector<ParameterInfo> infos = parameters(c.net);

    const std::span<const double> of_rows = subject.runner().input_gradient();
    const std::vector<double> expected = numeric_gradient(subject, subject.rows());
    CHECK(norm(expected) > 1e-3);
    CHECK(difference(of_rows, expected) <= kTolerance * norm(expected));
    for (std::size_t i = 0; i < infos.size(); ++i) {
      CAPTURE(infos[i].file_name);
      const std::vector<double> slopes = numeric_gradient(subject, subject.runner().parameter(i));
      CHECK(norm(slopes) > 1e-3);
      CHECK(difference(subject.runner().gradient(i), slopes) <= kTolerance * norm(slopes));
    }
  }
}

TEST_CASE("every layer type is among the cases of the gradient check", "[backend][gradient]") {
  std::vector<bool> seen(std::variant_size_v<LayerSpec>);
  for (const LayerCase& c : all_cases()) {
    for (const Layer& layer : c.net.layers) seen[layer.spec.index()] = true;
  }
  CHECK(std::ranges::count(seen, true) == static_cast<std::ptrdiff_t>(seen.size()));
}

TEST_CASE("a row that does not count has no gradient, whatever it holds", "[backend][gradient]") {
  const LayerCase c = layer_cases().back();
  const CaseData data = case_data(c);
  const std::vector<float> clean = canonical_rows(c, data.rows);
  std::vector<float> dirty = clean;
  const std::size_t row = clean.size() / static_cast<std::size_t>(c.batch);
  std::fill_n(dirty.begin() + static_cast<std::ptrdiff_t>(row), row, std::nanf(""));
  REQUIRE(data.row_weights[1] == 0.0F);
  std::vector<std::int32_t> labels = data.labels;
  labels[1] = -7;

  reference::NetRunner<float> a(c.net, c.batch, Purpose::training);
  reference::NetRunner<float> b(c.net, c.batch, Purpose::training);
  const NetState state(c.net, 17);
  for (std::size_t i = 0; i < state.parameters().size(); ++i) {
    std::ranges::copy(state.read(i), a.parameter(i).begin());
    std::ranges::copy(state.read(i), b.parameter(i).begin());
  }
  a.forward({.rows = clean, .labels = data.labels, .row_weights = data.row_weights});
  b.forward({.rows = dirty, .labels = labels, .row_weights = data.row_weights});
  a.backward();
  b.backward();
  for (std::size_t i = 0; i < state.parameters().size(); ++i) {
    CHECK(std::ranges::equal(a.gradient(i), b.gradient(i)));
  }
  const std::span<const float> of_row = b.input_gradient().subspan(row, row);
  CHECK(std::ranges::count(of_row, 0.0F) == static_cast<std::ptrdiff_t>(row));
}

}  // namespace sluice::test
