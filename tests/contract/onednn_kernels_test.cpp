// The backend's own kernels for every instruction set of this processor against plain loops in
// double, over widths that fill vectors and that do not.
#include <cmath>
#include <vector>

#include "runtime/backend/onednn/lrn_kernel.h"
#include "runtime/backend/onednn/max_pool_kernel.h"
#include "runtime/random.h"
#include "tests/support/catch.h"
#include "tests/support/every_target.h"

namespace sluice::test {
namespace {

using namespace onednn::kernels;

// A few roundings of f32, and the roots' last Newton step.
constexpr double kTolerance = 2e-6;

std::vector<float> random_values(std::size_t count, const char* stream) {
  Random random({.seed = 3, .stream = stream_id(stream)});
  std::vector<float> values(count);
  for (float& v : values) v = static_cast<float>(random.normal());
  return values;
}

// Sum over the window of map c of its tower.
template <class Term>
double window(const LrnFactors& f, std::size_t first, std::size_t c, const Term& term) {
  double sum = 0.0;
  for (std::size_t j = c < f.half ? 0 : c - f.half; j < std::min(c + f.half + 1, f.tower); ++j) {
    sum += term(first + j);
  }
  return sum;
}

struct PlainLrn {
  std::vector<double> forward, backward;
};

PlainLrn plain_lrn(const LrnFactors& f, const std::vector<float>& from,
                   const std::vector<float>& gradient) {
  const auto a = [&](std::size_t i) { return static_cast<double>(from[i]); };
  const auto g = [&](std::size_t i) { return static_cast<double>(gradient[i]); };
  const auto alpha = static_cast<double>(f.alpha), beta = static_cast<double>(f.beta);
  std::vector<double> scale(from.size());
  const auto for_all = [&](const std::function<void(std::size_t, std::size_t)>& work) {
    for (std::size_t i = 0; i < from.size(); ++i) work(i - i % f.tower, i % f.tower);
  };
  for_all([&](std::size_t t, std::size_t c) {
    const double squares = window(f, t, c, [&](std::size_t j) { return a(j) * a(j); });
    scale[t + c] = static_cast<double>(f.k) + alpha * squares;
  });
  PlainLrn plain;
  for_all([&](std::size_t t, std::size_t c) {
    const double power = std::pow(scale[t + c], -beta);
    const double sum = window(
        f, t, c, [&](std::size_t j) { return g(j) * a(j) * std::pow(scale[j], -beta - 1.0); });
    plain.forward.push_back(a(t + c) * power);
    plain.backward.push_back(g(t + c) * power - 2.0 * alpha * beta * a(t + c) * sum);
  });
  return plain;
}

void check_close(const std::vector<float>& found, const std::vector<double>& expected) {
  double off = 0.0, most = 1.0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    off = std::max(off, std::abs(static_cast<double>(found[i]) - expected[i]));
    most = std::max(most, std::abs(expected[i]));
  }
  CHECK(off <= kTolerance * most);
}

std::vector<LrnFactors> lrn_cases() {
  std::vector<LrnFactors> cases;
  for (const std::size_t tower : {1U, 5U, 15U, 16U, 17U, 48U, 100U, 600U, 2000U}) {
    cases.push_back({.tower = tower, .half = 2, .alpha = 0.3F, .beta = 0.75F, .k = 2.0F});
    cases.push_back({.tower = tower, .half = 2, .alpha = 1e-4F, .beta = 0.75F, .k = 1e-3F});
    cases.push_back({.tower = tower, .half = 20, .alpha = 0.3F, .beta = 0.75F, .k = 1.0F});
    cases.push_back({.tower = tower, .half = 2, .alpha = 0.3F, .beta = 0.4F, .k = 2.0F});
    cases.push_back({.tower = tower, .half = 0, .alpha = 0.3F, .beta = 1.0F, .k = 2.0F});
  }
  return cases;
}

}  // namespace

TEST_CASE("the LRN kernels agree with plain loops on every instruction set", "[backend][onednn]") {
  for (const LrnFactors& f : lrn_cases()) {
    const std::size_t floats = f.tower * 37;  // more than one group of small towers
    const std::vector<float> from = random_values(floats, "test/from");
    const std::vector<float> gradient = random_values(floats, "test/gradient");
    const PlainLrn plain = plain_lrn(f, from, gradient);
    std::vector<double> masked = plain.backward;
    for (std::size_t i = 0; i < floats; ++i) masked[i] = from[i] > 0.0F ? masked[i] : 0.0;
    on_every_target([&](const char* target) {
      CAPTURE(target, f.tower, f.half, f.beta, f.k);
      std::vector<float> to(floats + 1, 7.0F);
      lrn(f, from.data(), floats, to.data());
      check_close(to, plain.forward);
      lrn_backward(f, ReluMask::none, from.data(), gradient.data(), floats, to.data());
      check_close(to, plain.backward);
      lrn_backward(f, ReluMask::masked, from.data(), gradient.data(), floats, to.data());
      check_close(to, masked);
      CHECK(to.back() == 7.0F);
    });
  }
}

TEST_CASE("of equal pixels the first wins a max-pooling window, on every instruction set",
          "[backend][onednn]") {
  const PoolGeometry g{.height = 5,
                       .width = 5,
                       .out_height = 2,
                       .out_width = 2,
                       .kernel = 3,
                       .stride = 2,
                       .channels = 37};
  std::vector<float> plane(g.width * g.width * g.channels, 0.5F);
  for (std::size_t c = 0; c < g.channels; ++c) {  // the last two pixels of the first window
    plane[(2 * g.width + 1) * g.channels + c] = plane[(2 * g.width + 2) * g.channels + c] = 1.0F;
  }
  PoolRows<float> rows{};
  for (std::size_t y = 0; y < g.kernel; ++y) rows[y] = plane.data() + y * g.width * g.channels;
  on_every_target([&](const char* target) {
    CAPTURE(target);
    std::vector<float> out(g.out_width * g.channels);
    std::vector<std::uint8_t> winners(out.size());
    max_pool_row(g, {rows.data(), g.kernel}, out.data(), winners.data());
    for (std::size_t c = 0; c < g.channels; ++c) {
      CHECK((out[c] == 1.0F && winners[c] == 7));
      CHECK((out[g.channels + c] == 1.0F && winners[g.channels + c] == 6));
    }
  });
}

}  // namespace sluice::test
