#include "runtime/backend/reference/conv2d.h"

#include "runtime/backend/reference/products.h"

namespace sluice::reference {
namespace {

// Visits the products of one output map.
template <class Visit>
void visit_map(const Conv2d& conv, const BatchShapes& shapes, std::int64_t map,
               const Visit& visit) {
  const std::int64_t height = shapes.in[1], width = shapes.in[2], kernel = conv.kernel;
  const std::int64_t out_height = shapes.out[1], out_width = shapes.out[2];
  const std::int64_t group_in = shapes.in[0] / conv.groups;
  const std::int64_t first_in = map / (shapes.out[0] / conv.groups) * group_in;
  for (std::int64_t c = 0; c < group_in; ++c) {
    for (std::int64_t ky = 0; ky < kernel; ++ky) {
      for (std::int64_t kx = 0; kx < kernel; ++kx) {
        const std::int64_t weight = ((map * group_in + c) * kernel + ky) * kernel + kx;
        for (std::int64_t oy = 0; oy < out_height; ++oy) {
          const std::int64_t y = oy * conv.stride - conv.pad.before + ky;
          if (y < 0 || y >= height) continue;
          for (std::int64_t ox = 0; ox < out_width; ++ox) {
            const std::int64_t x = ox * conv.stride - conv.pad.before + kx;
            if (x < 0 || x >= width) continue;
            visit(Product{static_cast<std::size_t>((map * out_height + oy) * out_width + ox),
                          static_cast<std::size_t>(((first_in + c) * height + y) * width + x),
                          static_cast<std::size_t>(weight)});
          }
        }
      }
    }
  }
}

// Visits each product of one row once.
template <class Visit>
void visit_row(const Conv2d& conv, const BatchShapes& shapes, const Visit& visit) {
  for (std::int64_t map = 0; map < shapes.out[0]; ++map) visit_map(conv, shapes, map, visit);
}

auto products_of(const Conv2d& conv, const BatchShapes& shapes) {
  return [&conv, &shapes](const auto& visit) { visit_row(conv, shapes, visit); };
}

}  // namespace

template <class T>
void conv2d_forward(const Conv2d& conv, const BatchShapes& shapes, std::span<const T> in,
                    std::span<const T> weights, std::span<const T> biases, std::span<T> out) {
  products_forward(shapes, products_of(conv, shapes), in, weights, biases, out);
}

template <class T>
void conv2d_backward_input(const Conv2d& conv, const BatchShapes& shapes,
                           std::span<const T> out_gradient, std::span<const T> weights,
                           std::span<T> in_gradient) {
  products_backward_input(shapes, products_of(conv, shapes), out_gradient, weights, in_gradient);
}

template <class T>
void conv2d_backward_weights(const Conv2d& conv, const BatchShapes& shapes, std::span<const T> in,
                             std::span<const T> out_gradient, std::span<T> weight_gradient) {
  products_backward_weights(shapes, products_of(conv, shapes), in, out_gradient, weight_gradient);
}

template <class T>
void conv2d_backward_biases(const BatchShapes& shapes, std::span<const T> out_gradient,
                            std::span<T> bias_gradient) {
  const std::size_t maps = bias_gradient.size();
  const std::size_t plane = static_cast<std::size_t>(shapes.out.elements()) / maps;
  std::vector<double> sums(maps);
  for (std::size_t i = 0; i < out_gradient.size(); ++i) {
    sums[i / plane % maps] += static_cast<double>(out_gradient[i]);
  }
  store_sums(sums, bias_gradient);
}

template void conv2d_forward<float>(const Conv2d&, const BatchShapes&, std::span<const float>,
                                    std::span<const float>, std::span<const float>,
                                    std::span<float>);
template void conv2d_backward_input<float>(const Conv2d&, const BatchShapes&,
                                           std::span<const float>, std::span<const float>,
                                           std::span<float>);
template void conv2d_backward_weights<float>(const Conv2d&, const BatchShapes&,
                                             std::span<const float>, std::span<const float>,
                                             std::span<float>);
template void conv2d_backward_biases<float>(const BatchShapes&, std::span<const float>,
                                            std::span<float>);
template void conv2d_forward<double>(const Conv2d&, const BatchShapes&, std::span<const double>,
                                     std::span<const double>, std::span<const double>,
                                     std::span<double>);
template void conv2d_backward_input<double>(const Conv2d&, const BatchShapes&,
                                            std::span<const double>, std::span<const double>,
                                            std::span<double>);
template void conv2d_backward_weights<double>(const Conv2d&, const BatchShapes&,
                                              std::span<const double>, std::span<const double>,
                                              std::span<double>);
template void conv2d_backward_biases<double>(const BatchShapes&, std::span<const double>,
                                             std::span<double>);

}  // namespace sluice::reference
