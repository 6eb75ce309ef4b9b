#include "augment/whiten.h"

#include <cmath>

#include "augment/simd/matrix.h"
#include "runtime/error.h"

namespace sluice::augment {
namespace {

using Matrix = std::array<std::array<double, 3>, 3>;

Matrix product(const Matrix& a, const Matrix& b) {
  Matrix result{};
  for (std::size_t r = 0; r < 3; ++r)
    for (std::size_t c = 0; c < 3; ++c)
      for (std::size_t k = 0; k < 3; ++k) result[r][c] += a[r][k] * b[k][c];
  return result;
}

Matrix transposed(const Matrix& a) {
  Matrix result{};
  for (std::size_t r = 0; r < 3; ++r)
    for (std::size_t c = 0; c < 3; ++c) result[c][r] = a[r][c];
  return result;
}

}  // namespace

void Whiten::check() const {
  require(std::isfinite(epsilon) && epsilon >= 0, "whiten: epsilon is {}, it must be 0 or more",
          epsilon);
  for (const double deviation : colours.deviations)
    require(
        deviation * deviation + epsilon > 1e-12,
        "whiten: the images' colours do not vary along every direction (a deviation is {}); let "
        "epsilon be above 0",
        deviation);
}

ColourAffine Whiten::affine(const Decision&) const {
  Matrix matrix = colours.vectors;  // a row a component
  for (std::size_t i = 0; i < 3; ++i) {
    const double deviation = colours.deviations[i];
    for (double& value : matrix[i]) value /= std::sqrt(deviation * deviation + epsilon);
  }
  if (kind == Whitening::zca) matrix = product(transposed(colours.vectors), matrix);
  ColourAffine affine;
  for (std::size_t r = 0; r < 3; ++r) {
    double offset = 0;
    for (std::size_t c = 0; c < 3; ++c) {
      affine.factor[r][c] = static_cast<float>(matrix[r][c]);
      offset -= matrix[r][c] * mean[c];
    }
    affine.offset[r] = static_cast<float>(offset);
  }
  return affine;
}

void Whiten::apply(ConstImageView in, const Decision& decision, ImageView out) const {
  const ColourAffine by = affine(decision);
  with_pixels(in, out, [&](const auto& loop) { simd::matrix(loop, by); });
}

}  // namespace sluice::augment
