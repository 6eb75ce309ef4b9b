// The kernels of tanh, same-map LRN and the update rules: for every instruction set of this
// processor against plain loops in double, and against oneDNN where it has the same.
#include <cmath>
#include <oneapi/dnnl/dnnl.hpp>
#include <vector>

#include "runtime/backend/onednn/same_map_lrn_kernel.h"
#include "runtime/backend/onednn/tanh_kernel.h"
#include "runtime/backend/onednn/update_kernel.h"
#include "runtime/random.h"
#include "tests/support/catch.h"
#include "tests/support/every_target.h"

namespace sluice::test {
namespace {

using namespace onednn::kernels;

constexpr double kTolerance = 2e-6;  // a few roundings of f32

std::vector<float> random_values(std::size_t count, const char* stream) {
  Random random({.seed = 3, .stream = stream_id(stream)});
  std::vector<float> values(count);
  for (float& v : values) v = static_cast<float>(random.normal());
  return values;
}

double wide(float value) { return static_cast<double>(value); }

void check_close(const std::vector<float>& found, const std::vector<double>& expected) {
  double off = 0.0, most = 1.0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    off = std::max(off, std::abs(wide(found[i]) - expected[i]));
    most = std::max(most, std::abs(expected[i]));
  }
  CHECK(off <= kTolerance * most);
}

// A plane of `side` x `side` pixels, channels side by side, and its normalisation in double.
struct Plane {
  std::size_t side, channels;
  std::vector<float> values = random_values(side * side * channels, "test/plane");
  std::vector<float> gradient = random_values(side * side * channels, "test/gradient");

  std::size_t width() const { return side * channels; }
};

struct PlainLrn {
  std::vector<double> forward, backward;
};

PlainLrn plain_lrn(const SameMapFactors& f, std::size_t half, const Plane& plane) {
  const auto window = [&](std::size_t i, const auto& term) {
    const std::size_t y = i / plane.width(), x = i / plane.channels % plane.side;
    double sum = 0.0;
    for (std::size_t r = y < half ? 0 : y - half; r < std::min(y + half + 1, plane.side); ++r) {
      for (std::size_t s = x < half ? 0 : x - half; s < std::min(x + half + 1, plane.side); ++s) {
        sum += term((r * plane.side + s) * plane.channels + i % plane.channels);
      }
    }
    return sum;
  };
  const auto a = [&](std::size_t i) { return wide(plane.values[i]); };
  const double beta = wide(f.beta);
  std::vector<double> scale;
  for (std::size_t i = 0; i < plane.values.size(); ++i) {
    scale.push_back(wide(f.k) +
                    wide(f.alpha) * window(i, [&](std::size_t j) { return a(j) * a(j); }));
  }
  PlainLrn plain;
  for (std::size_t i = 0; i < plane.values.size(); ++i) {
    const double sum = window(i, [&](std::size_t j) {
      return wide(plane.gradient[j]) * a(j) * std::pow(scale[j], -beta - 1.0);
    });
    plain.forward.push_back(a(i) * std::pow(scale[i], -beta));
    plain.backward.push_back(wide(plane.gradient[i]) * std::pow(scale[i], -beta) -
                             2.0 * wide(f.alpha) * beta * a(i) * sum);
  }
  return plain;
}

// The kernels' own way through a plane, without threads.
class KernelLrn {
 public:
  KernelLrn(const SameMapFactors& factors, std::size_t half, const Plane& plane)
      : factors_(factors),
        half_(half),
        plane_(plane),
        columns_(plane.width() + 2 * half * plane.channels, 0.0F),
        direct_(plane.values.size()),
        terms_(plane.values.size()) {}

  std::vector<float> forward() {
    std::vector<float> to(plane_.values.size());
    for (std::size_t y = 0; y < plane_.side; ++y) {
      sum_squares(rows(y, plane_.values), plane_.width(), middle());
      same_map_lrn(factors_, row(), at(plane_.values, y), at(to, y));
    }
    return to;
  }
  std::vector<float> backward() {
    for (std::size_t y = 0; y < plane_.side; ++y) {
      sum_squares(rows(y, plane_.values), plane_.width(), middle());
      same_map_terms(factors_, row(), at(plane_.values, y), at(plane_.gradient, y),
                     {at(direct_, y), at(terms_, y)});
    }
    std::vector<float> to(plane_.values.size());
    for (std::size_t y = 0; y < plane_.side; ++y) {
      sum_values(rows(y, terms_), plane_.width(), middle());
      same_map_lrn_backward(factors_, row(), at(plane_.values, y), at(direct_, y), at(to, y));
    }
    return to;
  }

 private:
  const float* at(const std::vector<float>& values, std::size_t y) const {
    return values.data() + y * plane_.width();
  }
  float* at(std::vector<float>& values, std::size_t y) const {
    return values.data() + y * plane_.width();
  }
  std::span<const float* const> rows(std::size_t y, const std::vector<float>& values) {
    rows_.clear();
    for (std::size_t r = y < half_ ? 0 : y - half_; r < std::min(y + half_ + 1, plane_.side); ++r) {
      rows_.push_back(at(values, r));
    }
    return rows_;
  }
  float* middle() { return columns_.data() + half_ * plane_.channels; }
  SameMapRow row() const {
    return {.count = plane_.width(),
            .channels = plane_.channels,
            .half = half_,
            .columns = columns_.data()};
  }

  SameMapFactors factors_;
  std::size_t half_;
  const Plane& plane_;
  std::vector<float> columns_, direct_, terms_;
  std::vector<const float*> rows_;
};

// oneDNN's normalisation of one channel, which divides alpha by the window's area.
std::vector<float> onednn_within_channel(float alpha, const SameMapFactors& f, const Plane& plane) {
  using dnnl::memory;
  const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  dnnl::stream stream(engine);
  const auto side = static_cast<memory::dim>(plane.side);
  const memory::desc desc({1, static_cast<memory::dim>(plane.channels), side, side},
                          memory::data_type::f32, memory::format_tag::nhwc);
  const dnnl::lrn_forward::primitive_desc description(engine, dnnl::prop_kind::forward_inference,
                                                      dnnl::algorithm::lrn_within_channel, desc,
                                                      desc, 5, alpha, f.beta, f.k);
  std::vector<float> from = plane.values, to(from.size());
  dnnl::lrn_forward(description)
      .execute(stream, {{DNNL_ARG_SRC, memory(desc, engine, from.data())},
                        {DNNL_ARG_DST, memory(desc, engine, to.data())}});
  stream.wait();
  return to;
}

}  // namespace

TEST_CASE("the tanh kernels agree with plain loops on every instruction set", "[backend][onednn]") {
  for (const TanhFactors& f : {TanhFactors{1.0F, 1.0F}, TanhFactors{1.7159F, 2.0F / 3.0F}}) {
    for (const std::size_t count : {1U, 15U, 16U, 1000U}) {
      std::vector<float> from = random_values(count, "test/from");
      for (std::size_t i = 0; i < count; i += 5) from[i] *= i % 2 == 0 ? 1e-4F : 30.0F;
      const std::vector<float> gradient = random_values(count, "test/gradient");
      std::vector<double> result, slopes;
      for (std::size_t i = 0; i < count; ++i) {
        const double t = std::tanh(wide(f.slope) * wide(from[i]));
        result.push_back(wide(f.amplitude) * t);
        slopes.push_back(wide(gradient[i]) * wide(f.amplitude) * wide(f.slope) * (1.0 - t * t));
      }
      on_every_target([&](const char* target) {
        CAPTURE(target, f.amplitude, count);
        std::vector<float> to = from, back = gradient;
        to.push_back(7.0F);
        back.push_back(7.0F);
        onednn::kernels::tanh(f, to.data(), count, to.data());
        check_close(to, result);
        tanh_backward(f, to.data(), count, back.data());
        check_close(back, slopes);
        CHECK((to.back() == 7.0F && back.back() == 7.0F));
      });
    }
  }
}

TEST_CASE("the same-map LRN kernels agree with plain loops on every instruction set",
          "[backend][onednn]") {
  const std::vector<SameMapFactors> factors = {{.alpha = 4e-5F, .beta = 0.75F, .k = 1.0F},
                                               {.alpha = 0.3F, .beta = 0.75F, .k = 2.0F},
                                               {.alpha = 0.3F, .beta = 0.4F, .k = 1e-3F}};
  for (const SameMapFactors& f : factors) {
    for (const std::size_t half : {0U, 1U, 2U, 5U}) {
      for (const Plane& plane : {Plane{9, 16}, Plane{6, 5}, Plane{3, 1}, Plane{1, 33}}) {
        const PlainLrn plain = plain_lrn(f, half, plane);
        on_every_target([&](const char* target) {
          CAPTURE(target, f.alpha, f.beta, half, plane.side, plane.channels);
          KernelLrn kernel(f, half, plane);
          check_close(kernel.forward(), plain.forward);
          check_close(kernel.backward(), plain.backward);
        });
      }
    }
  }
}

TEST_CASE("same-map LRN is oneDNN's within a channel", "[backend][onednn]") {
  const float alpha = 0.5F;
  const SameMapFactors f{.alpha = alpha / 25.0F, .beta = 0.75F, .k = 1.0F};
  for (const Plane& plane : {Plane{13, 16}, Plane{7, 3}}) {
    const std::vector<float> theirs = onednn_within_channel(alpha, f, plane);
    check_close(KernelLrn(f, 2, plane).forward(), {theirs.begin(), theirs.end()});
  }
}

TEST_CASE("the paper's update keeps its bits", "[backend][onednn]") {
  const PaperFactors f{.momentum = 0.9F, .decay = 5e-6F, .sparsity = 0.0F, .rate = 0.01F / 128};
  for (const std::size_t count : {1U, 16U, 1003U}) {
    const std::vector<float> gradient = random_values(count, "test/gradient");
    std::vector<float> velocity = random_values(count, "test/velocity");
    std::vector<float> values = random_values(count, "test/values");
    std::vector<float> expected_velocity = velocity, expected = values;
    for (std::size_t i = 0; i < count; ++i) {
      // Each operation rounded by itself: the build lets nothing be contracted.
      const float kept = f.momentum * velocity[i], decayed = f.decay * values[i];
      expected_velocity[i] = kept - decayed - f.rate * gradient[i];
      expected[i] += expected_velocity[i];
    }
    update_paper(f, {gradient.data(), velocity.data(), values.data()}, count);
    CHECK(velocity == expected_velocity);
    CHECK(values == expected);
  }
}

}  // namespace sluice::test
