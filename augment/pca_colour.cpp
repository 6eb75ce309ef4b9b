#include "augment/pca_colour.h"

#include <fmt/core.h>

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>

#include "augment/simd/channels.h"
#include "runtime/error.h"

namespace sluice::augment {

Colours colours_from(const std::array<std::array<double, 3>, 3>& covariance) {
  Eigen::Matrix3d matrix;
  for (std::size_t r = 0; r < 3; ++r)
    for (std::size_t c = 0; c < 3; ++c)
      matrix(static_cast<Eigen::Index>(r), static_cast<Eigen::Index>(c)) = covariance[r][c];
  require(matrix.allFinite(), "colours: the covariance of R, G, B must consist of finite numbers");
  const Eigen::SelfAdjointEigenSolver<Eigen::Matrix3d> solver(matrix);  // ascending eigenvalues
  Colours colours;
  for (std::size_t i = 0; i < 3; ++i) {
    const auto column = static_cast<Eigen::Index>(2 - i);
    Eigen::Vector3d vector = solver.eigenvectors().col(column);
    Eigen::Index largest = 0;
    vector.cwiseAbs().maxCoeff(&largest);
    if (vector(largest) < 0) vector = -vector;
    // Rounding can push the eigenvalue of a flat direction just below zero.
    colours.deviations[i] = std::sqrt(std::max(0.0, solver.eigenvalues()(column)));
    colours.vectors[i] = {vector(0), vector(1), vector(2)};
  }
  return colours;
}

std::string PcaColour::Decision::text() const {
  return fmt::format("colour alpha {:.3f},{:.3f},{:.3f}", alpha[0], alpha[1], alpha[2]);
}

void PcaColour::check() const {
  require(std::isfinite(sigma) && sigma >= 0, "pca colour: sigma is {}, it must be 0 or more",
          sigma);
  for (const double deviation : colours.deviations)
    require(std::isfinite(deviation) && deviation >= 0,
            "pca colour: a deviation is {}, each must be 0 or more", deviation);
  for (const auto& vector : colours.vectors)
    for (const double component : vector)
      require(std::abs(component) <= 1.001,
              "pca colour: a vector has the component {}, each must be between -1 and 1",
              component);
}

PcaColour::Decision PcaColour::draw(Random& random, Extent) const {
  Decision decision;
  if (until > 0 && random.key().epoch >= static_cast<std::uint32_t>(until)) return decision;
  for (double& alpha : decision.alpha) alpha = sigma * random.normal();
  return decision;
}

Rgb PcaColour::shift(const Decision& decision) const {
  Rgb shift;
  for (std::size_t c = 0; c < 3; ++c) {
    double sum = 0;
    for (std::size_t i = 0; i < 3; ++i)
      sum += decision.alpha[i] * colours.deviations[i] * colours.vectors[i][c];
    shift[c] = static_cast<float>(sum);
  }
  return shift;
}

void PcaColour::add_to(RowTransform& row, const Decision& decision) const {
  const Rgb by = shift(decision);
  add_step(row, {RowTransform::Kind::add, {by[0], by[1], by[2]}});
}

void PcaColour::apply(ConstImageView from, const Decision& decision, ImageView to) const {
  simd::combine(from, ChannelOperation::add, shift(decision), to);
}

}  // namespace sluice::augment
