#include "runtime/backend/cudnn/host/product.h"

#include "runtime/backend/cudnn/host/wide_values.h"

namespace sluice::cudnn::host {
namespace {

using elements::Target;

// Values of a matrix that a sum runs over: every `step`th from `first`.
struct Run {
  const float* first;
  std::int64_t step;
};

double dot(std::int64_t count, const Run& a, const Run& b) {
  double sum = 0.0;
  for (std::int64_t i = 0; i < count; ++i) {
    sum += static_cast<double>(a.first[i * a.step]) * static_cast<double>(b.first[i * b.step]);
  }
  return sum;
}

struct Sizes {
  std::int64_t rows, in, out;
  explicit Sizes(const ProductShape& shape) : rows(shape.rows), in(shape.in), out(shape.out) {}
};

}  // namespace

void run(const ProductForward& what, const Memory& memory) {
  const Sizes n(what.shape);
  const std::vector<float> in = widened(memory, what.in, n.rows * n.in);
  const std::vector<float> weights = widened(memory, what.weights, n.out * n.in);
  const std::vector<float> biases = biases_of(memory, what.biases, what.shape.out);
  const Target out(memory, what.out);
  for (std::int64_t row = 0; row < n.rows; ++row) {
    for (std::int64_t f = 0; f < n.out; ++f) {
      const double sum = dot(n.in, {in.data() + row * n.in, 1}, {weights.data() + f * n.in, 1});
      const auto bias = static_cast<double>(biases[static_cast<std::size_t>(f)]);
      out.store(row * n.out + f, after(what.relu, bias + sum));
    }
  }
}

void run(const ProductBackwardData& what, const Memory& memory) {
  const Sizes n(what.shape);
  const std::vector<float> gradient = widened(memory, what.out_gradient, n.rows * n.out);
  const std::vector<float> weights = widened(memory, what.weights, n.out * n.in);
  const Target in_gradient(memory, what.in_gradient);
  for (std::int64_t row = 0; row < n.rows; ++row) {
    for (std::int64_t i = 0; i < n.in; ++i) {
      const double sum = dot(n.out, {gradient.data() + row * n.out, 1}, {weights.data() + i, n.in});
      in_gradient.store(row * n.in + i, static_cast<float>(sum));
    }
  }
}

void run(const ProductBackwardWeights& what, const Memory& memory) {
  const Sizes n(what.shape);
  const std::vector<float> gradient = widened(memory, what.out_gradient, n.rows * n.out);
  const std::vector<float> in = widened(memory, what.in, n.rows * n.in);
  const Target weights_gradient(memory, what.weights_gradient);
  for (std::int64_t f = 0; f < n.out; ++f) {
    for (std::int64_t i = 0; i < n.in; ++i) {
      const double sum = dot(n.rows, {gradient.data() + f, n.out}, {in.data() + i, n.in});
      weights_gradient.store(f * n.in + i, static_cast<float>(sum));
    }
  }
}

}  // namespace sluice::cudnn::host
