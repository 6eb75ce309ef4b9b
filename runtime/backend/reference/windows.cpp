#include "runtime/backend/reference/windows.h"

#include <algorithm>

namespace sluice::reference {
namespace {

// Calls f(index in the planes, index in the windows) for each value of each window.
template <class F>
void for_each_value(const BatchShapes& shapes, const F& f) {
  const std::int64_t height = shapes.in[1], width = shapes.in[2], side = shapes.out[1];
  std::size_t next = 0;
  for (std::int64_t row = 0; row < shapes.rows; ++row)
    for (std::int64_t top = 0; top + side <= height; ++top)
      for (std::int64_t left = 0; left + side <= width; ++left)
        for (std::int64_t c = 0; c < shapes.in[0]; ++c)
          for (std::int64_t y = top; y < top + side; ++y)
            for (std::int64_t x = left; x < left + side; ++x)
              f(static_cast<std::size_t>(((row * shapes.in[0] + c) * height + y) * width + x),
                next++);
}

}  // namespace

template <class T>
void windows_forward(const BatchShapes& shapes, std::span<const T> in, std::span<T> out) {
  for_each_value(shapes, [&](std::size_t from, std::size_t to) { out[to] = in[from]; });
}

template <class T>
void windows_backward(const BatchShapes& shapes, std::span<const T> out_gradient,
                      std::span<T> in_gradient) {
  std::ranges::fill(in_gradient, T{0});
  for_each_value(shapes,
                 [&](std::size_t to, std::size_t from) { in_gradient[to] += out_gradient[from]; });
}

template <class T>
void window_mean_forward(const BatchShapes& shapes, std::span<const T> in, std::span<T> out) {
  const auto features = static_cast<std::size_t>(shapes.out.elements());
  const std::size_t windows = in.size() / out.size();
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::size_t first = i / features * windows * features + i % features;
    double sum = 0.0;
    for (std::size_t w = 0; w < windows; ++w) sum += static_cast<double>(in[first + w * features]);
    out[i] = static_cast<T>(sum / static_cast<double>(windows));
  }
}

template <class T>
void window_mean_backward(const BatchShapes& shapes, std::span<const T> out_gradient,
                          std::span<T> in_gradient) {
  const auto features = static_cast<std::size_t>(shapes.out.elements());
  const std::size_t windows = in_gradient.size() / out_gradient.size();
  for (std::size_t i = 0; i < in_gradient.size(); ++i) {
    const std::size_t row = i / features / windows;
    in_gradient[i] =
        static_cast<T>(static_cast<double>(out_gradient[row * features + i % features]) /
                       static_cast<double>(windows));
  }
}

template void windows_forward<float>(const BatchShapes&, std::span<const float>, std::span<float>);
template void windows_backward<float>(const BatchShapes&, std::span<const float>, std::span<float>);
template void window_mean_forward<float>(const BatchShapes&, std::span<const float>,
                                         std::span<float>);
template void window_mean_backward<float>(const BatchShapes&, std::span<const float>,
                                          std::span<float>);
template void windows_forward<double>(const BatchShapes&, std::span<const double>,
                                      std::span<double>);
template void windows_backward<double>(const BatchShapes&, std::span<const double>,
                                       std::span<double>);
template void window_mean_forward<double>(const BatchShapes&, std::span<const double>,
                                          std::span<double>);
template void window_mean_backward<double>(const BatchShapes&, std::span<const double>,
                                           std::span<double>);

}  // namespace sluice::reference
