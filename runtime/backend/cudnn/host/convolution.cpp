#include "runtime/backend/cudnn/host/convolution.h"

#include "runtime/backend/cudnn/elements/plane_index.h"
#include "runtime/backend/cudnn/host/wide_values.h"

namespace sluice::cudnn::host {
namespace {

using elements::Place;
using elements::PlaneIndex;
using elements::Target;

// One product: out[out] += in[in] * weights[weight].
struct Product {
  std::size_t out;
  std::size_t in;
  std::size_t weight;
};

struct Geometry {
  const ConvolutionShape& shape;
  PlaneIndex in, out;

  explicit Geometry(const ConvolutionShape& of) : shape(of), in(of.in), out(of.out) {}

  int group_in() const { return shape.in.channels / shape.groups; }
  std::int64_t weights() const {
    return std::int64_t{shape.out.channels} * shape.kernel * shape.kernel * group_in();
  }
  std::size_t weight_at(int map, int y, int x) const {
    return static_cast<std::size_t>(((std::int64_t{map} * shape.kernel + y) * shape.kernel + x) *
                                    group_in());
  }
  // Visits the products of output `o`, in the order of its weights.
  template <class Visit>
  void visit_output(std::int64_t o, const Visit& visit) const {
    const Place at = out.place(o);
    const int first_in = at.channel / (shape.out.channels / shape.groups) * group_in();
    for (int ky = 0; ky < shape.kernel; ++ky) {
      const int y = at.y * shape.stride - shape.pad_before + ky;
      if (y < 0 || y >= shape.in.height) continue;
      for (int kx = 0; kx < shape.kernel; ++kx) {
        const int x = at.x * shape.stride - shape.pad_before + kx;
        if (x < 0 || x >= shape.in.width) continue;
        const auto from = static_cast<std::size_t>(in.at({at.row, y, x, first_in}));
        const std::size_t weight = weight_at(at.channel, ky, kx);
        for (std::size_t c = 0; c < static_cast<std::size_t>(group_in()); ++c) {
          visit(Product{static_cast<std::size_t>(o), from + c, weight + c});
        }
      }
    }
  }
  template <class Visit>
  void visit_all(const Visit& visit) const {
    for (std::int64_t o = 0; o < shape.out.values(); ++o) visit_output(o, visit);
  }
};

void store(const std::vector<double>& sums, const Target& to) {
  for (std::size_t i = 0; i < sums.size(); ++i) {
    to.store(static_cast<std::int64_t>(i), static_cast<float>(sums[i]));
  }
}

double product(float a, float b) { return static_cast<double>(a) * static_cast<double>(b); }

}  // namespace

void run(const ConvolutionForward& what, const Memory& memory) {
  const Geometry geometry(what.shape);
  const std::vector<float> in = widened(memory, what.in, what.shape.in.values());
  const std::vector<float> weights = widened(memory, what.weights, geometry.weights());
  const std::vector<float> biases = biases_of(memory, what.biases, what.shape.out.channels);
  const Target out(memory, what.out);
  for (std::int64_t o = 0; o < what.shape.out.values(); ++o) {
    auto sum = static_cast<double>(biases[static_cast<std::size_t>(o) % biases.size()]);
    geometry.visit_output(o,
                          [&](const Product& p) { sum += product(in[p.in], weights[p.weight]); });
    out.store(o, after(what.relu, sum));
  }
}

void run(const ConvolutionBackwardData& what, const Memory& memory) {
  const Geometry geometry(what.shape);
  const std::vector<float> gradient = widened(memory, what.out_gradient, what.shape.out.values());
  const std::vector<float> weights = widened(memory, what.weights, geometry.weights());
  std::vector<double> sums(static_cast<std::size_t>(what.shape.in.values()));
  geometry.visit_all(
      [&](const Product& p) { sums[p.in] += product(gradient[p.out], weights[p.weight]); });
  store(sums, Target(memory, what.in_gradient));
}

void run(const ConvolutionBackwardWeights& what, const Memory& memory) {
  const Geometry geometry(what.shape);
  const std::vector<float> gradient = widened(memory, what.out_gradient, what.shape.out.values());
  const std::vector<float> in = widened(memory, what.in, what.shape.in.values());
  std::vector<double> sums(static_cast<std::size_t>(geometry.weights()));
  geometry.visit_all(
      [&](const Product& p) { sums[p.weight] += product(gradient[p.out], in[p.in]); });
  store(sums, Target(memory, what.weights_gradient));
}

}  // namespace sluice::cudnn::host
