#include "runtime/backend/reference/max_pool.h"

#include <algorithm>

namespace sluice::reference {
namespace {

struct Place {
  std::int64_t y;
  std::int64_t x;
};

// Index in the plane at `first`, of end.y x end.x pixels, of the largest value of the window whose
// corner is `corner`.
template <class T>
std::size_t winner(const MaxPool& pool, Place end, std::span<const T> in, std::int64_t first,
                   Place corner) {
  std::size_t best = static_cast<std::size_t>(first + corner.y * end.x + corner.x);
  for (std::int64_t y = corner.y; y < std::min(corner.y + pool.kernel, end.y); ++y) {
    for (std::int64_t x = corner.x; x < std::min(corner.x + pool.kernel, end.x); ++x) {
      const auto index = static_cast<std::size_t>(first + y * end.x + x);
      if (in[index] > in[best]) best = index;
    }
  }
  return best;
}

}  // namespace

template <class T>
void max_pool_forward(const MaxPool& pool, const BatchShapes& shapes, std::span<const T> in,
                      std::span<T> out, std::span<std::size_t> winners) {
  const Place end{shapes.in[1], shapes.in[2]}, out_end{shapes.out[1], shapes.out[2]};
  std::size_t next = 0;
  for (std::int64_t plane = 0; plane < shapes.rows * shapes.in[0]; ++plane) {
    for (std::int64_t oy = 0; oy < out_end.y; ++oy) {
      for (std::int64_t ox = 0; ox < out_end.x; ++ox) {
        const Place corner{oy * pool.stride, ox * pool.stride};
        winners[next] = winner(pool, end, in, plane * end.y * end.x, corner);
        out[next] = in[winners[next]];
        ++next;
      }
    }
  }
}

template <class T>
void max_pool_backward(std::span<const T> out_gradient, std::span<const std::size_t> winners,
                       std::span<T> in_gradient) {
  std::ranges::fill(in_gradient, T{0});
  for (std::size_t i = 0; i < winners.size(); ++i) in_gradient[winners[i]] += out_gradient[i];
}

template void max_pool_forward<float>(const MaxPool&, const BatchShapes&, std::span<const float>,
                                      std::span<float>, std::span<std::size_t>);
template void max_pool_backward<float>(std::span<const float>, std::span<const std::size_t>,
                                       std::span<float>);
template void max_pool_forward<double>(const MaxPool&, const BatchShapes&, std::span<const double>,
                                       std::span<double>, std::span<std::size_t>);
template void max_pool_backward<double>(std::span<const double>, std::span<const std::size_t>,
                                        std::span<double>);

}  // namespace sluice::reference
