#include "augment/statistics.h"

#include <algorithm>

#include "runtime/error.h"

namespace sluice::augment {

// Keeps the sums by position only while every image has one size.
void StatisticsSum::join_extent(Extent extent) {
  if (!one_extent_) return;
  if (images_ == 0 && extent.pixels() <= kMaxMeanPixels) {
    extent_ = extent;
    positions_.assign(static_cast<std::size_t>(extent.pixels()) * kChannels, 0);
  } else if (extent != extent_ || extent.pixels() > kMaxMeanPixels) {
    drop_positions();
  }
}

void StatisticsSum::drop_positions() {
  one_extent_ = false;
  extent_ = {};
  positions_ = {};
}

void StatisticsSum::add_row(const std::uint8_t* row, int width) {
  // 255 * 255 * 4096 fits into 32 bits, and short sums vectorise.
  constexpr int kChunk = 4096;
  for (int begin = 0; begin < width; begin += kChunk) {
    const int end = std::min(width, begin + kChunk);
    std::uint32_t r = 0, g = 0, b = 0, rr = 0, rg = 0, rb = 0, gg = 0, gb = 0, bb = 0;
    for (int x = begin; x < end; ++x) {
      const std::uint8_t* pixel = row + static_cast<std::ptrdiff_t>(x) * kChannels;
      const std::uint32_t red = pixel[0], green = pixel[1], blue = pixel[2];
      r += red, g += green, b += blue;
      rr += red * red, rg += red * green, rb += red * blue;
      gg += green * green, gb += green * blue, bb += blue * blue;
    }
    const std::array<std::uint32_t, 3> sums{r, g, b};
    const std::array<std::uint32_t, 6> products{rr, rg, rb, gg, gb, bb};
    for (std::size_t i = 0; i < sums.size(); ++i) sums_[i] += sums[i];
    for (std::size_t i = 0; i < products.size(); ++i) products_[i] += products[i];
  }
}

void StatisticsSum::add(ConstImageView image) {
  require(image.type == PixelType::u8,
          "statistics: images must be u8, measure before colour nodes");
  join_extent(image.extent);
  ++images_;
  pixels_ += static_cast<std::uint64_t>(image.extent.pixels());
  for (int y = 0; y < image.extent.height; ++y) add_row(image.u8(y), image.extent.width);
  if (!one_extent_ || positions_.empty()) return;
  const std::uint8_t* values = image.u8(0);
  for (std::size_t i = 0; i < positions_.size(); ++i) positions_[i] += values[i];
}

void StatisticsSum::merge(const StatisticsSum& other) {
  if (other.images_ == 0) return;
  if (other.one_extent_)
    join_extent(other.extent_);
  else
    drop_positions();
  images_ += other.images_;
  pixels_ += other.pixels_;
  for (std::size_t i = 0; i < sums_.size(); ++i) sums_[i] += other.sums_[i];
  for (std::size_t i = 0; i < products_.size(); ++i) products_[i] += other.products_[i];
  if (one_extent_)
    for (std::size_t i = 0; i < positions_.size(); ++i) positions_[i] += other.positions_[i];
}

Statistics StatisticsSum::finish() const {
  require(pixels_ > 0, "statistics: no image could be read, at least one good image is needed");
  const auto n = static_cast<double>(pixels_);
  Statistics statistics;
  statistics.images = images_;
  for (std::size_t c = 0; c < 3; ++c) statistics.mean_rgb[c] = static_cast<double>(sums_[c]) / n;
  std::size_t product = 0;
  for (std::size_t r = 0; r < 3; ++r)
    for (std::size_t c = r; c < 3; ++c, ++product) {
      const double value = static_cast<double>(products_[product]) / n -
                           statistics.mean_rgb[r] * statistics.mean_rgb[c];
      statistics.covariance[r][c] = statistics.covariance[c][r] = value;
    }
  if (!one_extent_) return statistics;
  statistics.mean_extent = extent_;
  statistics.mean_image.reserve(positions_.size());
  for (const std::uint64_t sum : positions_)
    statistics.mean_image.push_back(
        static_cast<float>(static_cast<double>(sum) / static_cast<double>(images_)));
  return statistics;
}

}  // namespace sluice::augment
