#include "augment/blur.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "augment/grown_box.h"
#include "augment/part_rows.h"
#include "augment/range.h"
#include "augment/scratch.h"
#include "augment/simd/neighbours.h"

namespace sluice::augment {
namespace {

constexpr double kLargestSigma = 30;
constexpr int kLargestRadius = 90;

int radius_of(double sigma) { return static_cast<int>(std::ceil(3 * sigma)); }

// Of distances 0 to radius; both sides together sum up to 1.
void fill_weights(double sigma, std::span<float> weights) {
  std::array<double, kLargestRadius + 1> exact{};
  double sum = 0;
  for (std::size_t k = 0; k < weights.size(); ++k) {
    const double distance = static_cast<double>(k) / sigma;
    exact[k] = std::exp(-0.5 * distance * distance);
    sum += k == 0 ? exact[k] : 2 * exact[k];
  }
  for (std::size_t k = 0; k < weights.size(); ++k) weights[k] = static_cast<float>(exact[k] / sum);
}

// The index that stands at `index` of an axis that goes on mirrored about its first and last.
int mirrored(int index, int length) {
  if (length == 1) return 0;
  const int period = 2 * (length - 1);
  index = ((index % period) + period) % period;
  return std::min(index, period - index);
}

// `values` of the columns from `columns.left` to before `columns.right`, as far as there are any,
// in `row`, which begins with `first`; fills the others.
struct Columns {
  int first = 0;
  int left = 0, right = 0;  // that have been summed
  int end = 0;
};
void fill_mirrored(const Columns& columns, int width, float* row) {
  const auto copy = [&](int x) {
    std::copy_n(row + (mirrored(x, width) - columns.first) * kChannels, kChannels,
                row + (x - columns.first) * kChannels);
  };
  for (int x = columns.first; x < columns.left; ++x) copy(x);
  for (int x = columns.right; x < columns.end; ++x) copy(x);
}

template <class T>
void blur_part(const ConstImagePart& in, std::span<const float> weights, const ImagePart& out,
               float* row) {
  const int radius = static_cast<int>(weights.size()) - 1;
  const Box box = out.box;
  const Box read = grown(box, radius, in.whole);
  const Columns columns{box.left - radius, read.left, read.right(), box.right() + radius};
  std::array<const T*, 2 * kLargestRadius + 1> rows{};
  for (int y = box.top; y < box.bottom(); ++y) {
    for (int k = -radius; k <= radius; ++k) {
      const int from = mirrored(y + k, in.whole.height);
      rows[static_cast<std::size_t>(k + radius)] =
          reinterpret_cast<const T*>(part_row(in, read.left, from, read.extent.width).data);
    }
    simd::blur(BlurColumns<T>{.rows = rows.data(),
                              .weights = weights.data(),
                              .radius = radius,
                              .values = static_cast<std::size_t>(read.extent.width) * kChannels,
                              .to = row + (read.left - columns.first) * kChannels});
    fill_mirrored(columns, in.whole.width, row);
    const auto line = static_cast<std::size_t>(y - box.top) * out.view.row_bytes();
    simd::blur(BlurRow<T>{.from = row + radius * kChannels,
                          .weights = weights.data(),
                          .radius = radius,
                          .values = static_cast<std::size_t>(box.extent.width) * kChannels,
                          .to = reinterpret_cast<T*>(out.view.data + line)});
  }
}

}  // namespace

std::string Blur::Decision::text() const { return fmt::format("blur of {:.2f} pixels", sigma); }

void Blur::check() const { check_range("blur: sigma", {sigma, sigma_to}, {0, kLargestSigma}); }

Blur::Decision Blur::draw(Random& random, Extent) const {
  return {Range{sigma, sigma_to}.uniform(random)};
}

std::size_t Blur::scratch_bytes(const Decision& decision, Extent before, PixelType) const {
  const auto radius = static_cast<std::size_t>(radius_of(decision.sigma));
  const std::size_t row = (static_cast<std::size_t>(before.width) + 2 * radius) * kChannels;
  return (row + radius + 1) * sizeof(float);
}

Box Blur::box_before(const Decision& decision, Extent before, const Box& after) const {
  return grown(after, radius_of(decision.sigma), before);
}

void Blur::apply_part(const ConstImagePart& in, const Decision& decision, const ImagePart& out,
                      std::span<std::byte> scratch) const {
  if (decision.sigma == 0)
    return apply_by_rows(in, out.box, out, [](ConstImageView from, ImageView to) {
      std::copy_n(from.data, image_bytes(from.extent, from.type), to.data);
    });
  const int radius = radius_of(decision.sigma);
  const int width = out.box.extent.width + 2 * radius;
  const auto row = take_scratch<float>(scratch, static_cast<std::size_t>(width * kChannels));
  const auto weights = take_scratch<float>(scratch, static_cast<std::size_t>(radius) + 1);
  fill_weights(decision.sigma, weights);
  if (in.view.type == PixelType::u8) return blur_part<std::uint8_t>(in, weights, out, row.data());
  blur_part<float>(in, weights, out, row.data());
}

}  // namespace sluice::augment
