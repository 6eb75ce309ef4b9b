#include "nodes/run/linear_baseline.h"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>

#include "runtime/error.h"

namespace sluice::nodes {
namespace {

using Matrix = Eigen::MatrixXd;

// Where a cell begins and ends on an axis of `length` pixels.
struct Cell {
  double begin;
  double end;

  Cell(int index, int length)
      : begin(static_cast<double>(length) * index / kThumbnailSide),
        end(static_cast<double>(length) * (index + 1) / kThumbnailSide) {}
  int first() const { return static_cast<int>(begin); }
  int past() const { return static_cast<int>(std::ceil(end)); }
  // How much of pixel `i` lies in the cell, 0 to 1.
  double share(int i) const { return std::min(i + 1.0, end) - std::max<double>(i, begin); }
};

std::array<double, kChannels> cell_mean(const ConstImageView& image, const Cell& row,
                                        const Cell& column) {
  std::array<double, kChannels> sums{};
  for (int y = row.first(); y < row.past(); ++y) {
    for (int x = column.first(); x < column.past(); ++x) {
      const double share = row.share(y) * column.share(x);
      const std::uint8_t* pixel = image.u8(y) + x * kChannels;
      for (std::size_t c = 0; c < kChannels; ++c) sums[c] += share * pixel[c];
    }
  }
  for (double& sum : sums) sum /= (row.end - row.begin) * (column.end - column.begin);
  return sums;
}

// One thumbnail a row.
Matrix features(std::span<const Thumbnail> thumbnails) {
  const auto columns = static_cast<Eigen::Index>(Thumbnail{}.values.size());
  Matrix result(static_cast<Eigen::Index>(thumbnails.size()), columns);
  for (Eigen::Index i = 0; i < result.rows(); ++i) {
    const auto& values = thumbnails[static_cast<std::size_t>(i)].values;
    for (Eigen::Index k = 0; k < columns; ++k) result(i, k) = values[static_cast<std::size_t>(k)];
  }
  return result;
}

Matrix indicators(std::span<const Thumbnail> thumbnails, int classes) {
  Matrix result = Matrix::Zero(static_cast<Eigen::Index>(thumbnails.size()), classes);
  for (Eigen::Index i = 0; i < result.rows(); ++i) {
    result(i, thumbnails[static_cast<std::size_t>(i)].label) = 1;
  }
  return result;
}

double accuracy(const Matrix& scores, std::span<const Thumbnail> thumbnails) {
  std::size_t right = 0;
  for (Eigen::Index i = 0; i < scores.rows(); ++i) {
    Eigen::Index best = 0;
    scores.row(i).maxCoeff(&best);
    if (best == thumbnails[static_cast<std::size_t>(i)].label) ++right;
  }
  return static_cast<double>(right) / static_cast<double>(thumbnails.size());
}

void check(std::span<const Thumbnail> thumbnails, int classes, const char* split) {
  require(!thumbnails.empty(), "linear baseline: the {} split has no images", split);
  for (const Thumbnail& thumbnail : thumbnails) {
    require(thumbnail.label >= 0 && thumbnail.label < classes,
            "linear baseline: label {} in the {} split; valid are 0 to {}", thumbnail.label, split,
            classes - 1);
  }
}

}  // namespace

Thumbnail make_thumbnail(ConstImageView image, int label) {
  const Extent extent = image.extent;
  require(image.type == PixelType::u8 && extent.width > 0 && extent.height > 0,
          "make_thumbnail: {} x {} pixels; valid is a u8 image with pixels", extent.width,
          extent.height);
  Thumbnail thumbnail;
  thumbnail.label = label;
  auto out = thumbnail.values.begin();
  for (int row = 0; row < kThumbnailSide; ++row) {
    for (int column = 0; column < kThumbnailSide; ++column) {
      for (const double mean : cell_mean(image, {row, extent.height}, {column, extent.width})) {
        *out++ = static_cast<float>(mean);
      }
    }
  }
  return thumbnail;
}

double linear_baseline(std::span<const Thumbnail> train, std::span<const Thumbnail> val,
                       int classes) {
  check(train, classes, "training");
  check(val, classes, "validation");
  Matrix x = features(train), to_score = features(val);
  const Eigen::RowVectorXd mean = x.colwise().mean();
  x.rowwise() -= mean;
  const Eigen::RowVectorXd deviation =
      (x.array().square().colwise().mean().sqrt() + 1e-9).matrix();  // a constant pixel stays 0
  x.array().rowwise() /= deviation.array();
  to_score = ((to_score.rowwise() - mean).array().rowwise() / deviation.array()).matrix();

  Matrix y = indicators(train, classes);
  const Eigen::RowVectorXd share = y.colwise().mean();  // x has mean 0: this is the bias
  y.rowwise() -= share;
  const Matrix gram = x.transpose() * x, moment = x.transpose() * y;
  double best = 0;
  for (double penalty = 1e-3; penalty < 1e4; penalty *= 10) {  // of a sample's unit variance
    const Matrix ridge = gram + penalty * Matrix::Identity(gram.rows(), gram.cols());
    const Matrix weights = ridge.ldlt().solve(moment);
    best = std::max(best, accuracy((to_score * weights).rowwise() + share, val));
  }
  return best;
}

}  // namespace sluice::nodes
