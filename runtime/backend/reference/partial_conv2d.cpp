#include "runtime/backend/reference/partial_conv2d.h"

#include "runtime/backend/reference/products.h"

namespace sluice::reference {
namespace {

// One line of the table: output map `to` sees input map `from`.
struct Connection {
  std::size_t index;
  std::size_t from;
  std::size_t to;
};

template <class Visit>
void visit_connection(const PartialConv2d& conv, const BatchShapes& shapes,
                      const Connection& connection, const Visit& visit) {
  const auto side = static_cast<std::size_t>(shapes.in[1]);
  const auto out_side = static_cast<std::size_t>(shapes.out[1]);
  const auto kernel = static_cast<std::size_t>(conv.kernel);
  for (std::size_t ky = 0; ky < kernel; ++ky) {
    for (std::size_t kx = 0; kx < kernel; ++kx) {
      for (std::size_t oy = 0; oy < out_side; ++oy) {
        for (std::size_t ox = 0; ox < out_side; ++ox) {
          visit(Product{(connection.to * out_side + oy) * out_side + ox,
                        (connection.from * side + oy + ky) * side + ox + kx,
                        (connection.index * kernel + ky) * kernel + kx});
        }
      }
    }
  }
}

// Visits each product of one row once.
template <class Visit>
void visit_row(const PartialConv2d& conv, const BatchShapes& shapes, const Visit& visit) {
  std::size_t index = 0;
  for (std::size_t to = 0; to < conv.sees.size(); ++to) {
    for (const int from : conv.sees[to]) {
      visit_connection(conv, shapes, {index++, static_cast<std::size_t>(from), to}, visit);
    }
  }
}

auto products_of(const PartialConv2d& conv, const BatchShapes& shapes) {
  return [&conv, &shapes](const auto& visit) { visit_row(conv, shapes, visit); };
}

}  // namespace

template <class T>
void partial_conv2d_forward(const PartialConv2d& conv, const BatchShapes& shapes,
                            std::span<const T> in, std::span<const T> weights,
                            std::span<const T> biases, std::span<T> out) {
  products_forward(shapes, products_of(conv, shapes), in, weights, biases, out);
}

template <class T>
void partial_conv2d_backward_input(const PartialConv2d& conv, const BatchShapes& shapes,
                                   std::span<const T> out_gradient, std::span<const T> weights,
                                   std::span<T> in_gradient) {
  products_backward_input(shapes, products_of(conv, shapes), out_gradient, weights, in_gradient);
}

template <class T>
void partial_conv2d_backward_weights(const PartialConv2d& conv, const BatchShapes& shapes,
                                     std::span<const T> in, std::span<const T> out_gradient,
                                     std::span<T> weight_gradient) {
  products_backward_weights(shapes, products_of(conv, shapes), in, out_gradient, weight_gradient);
}

template void partial_conv2d_forward<float>(const PartialConv2d&, const BatchShapes&,
                                            std::span<const float>, std::span<const float>,
                                            std::span<const float>, std::span<float>);
template void partial_conv2d_backward_input<float>(const PartialConv2d&, const BatchShapes&,
                                                   std::span<const float>, std::span<const float>,
                                                   std::span<float>);
template void partial_conv2d_backward_weights<float>(const PartialConv2d&, const BatchShapes&,
                                                     std::span<const float>, std::span<const float>,
                                                     std::span<float>);
template void partial_conv2d_forward<double>(const PartialConv2d&, const BatchShapes&,
                                             std::span<const double>, std::span<const double>,
                                             std::span<const double>, std::span<double>);
template void partial_conv2d_backward_input<double>(const PartialConv2d&, const BatchShapes&,
                                                    std::span<const double>,
                                                    std::span<const double>, std::span<double>);
template void partial_conv2d_backward_weights<double>(const PartialConv2d&, const BatchShapes&,
                                                      std::span<const double>,
                                                      std::span<const double>, std::span<double>);

}  // namespace sluice::reference
