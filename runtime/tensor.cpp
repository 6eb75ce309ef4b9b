#include "runtime/tensor.h"

#include <tbb/blocked_range.h>
#include <tbb/parallel_for.h>

#include <algorithm>

namespace sluice {
namespace {

constexpr std::size_t kFloatsATask = 1 << 18;

}  // namespace

std::int64_t Shape::elements() const {
  std::int64_t product = 1;
  for (const std::int64_t size : sizes_) product *= size;
  return product;
}

std::string Shape::text() const {
  std::string text;
  for (const std::int64_t size : sizes_) {
    if (!text.empty()) text += 'x';
    text += std::to_string(size);
  }
  return text;
}

Tensor::Tensor(Shape shape)
    : shape_(std::move(shape)),
      block_(Block::allocate(static_cast<std::size_t>(shape_.elements()) * sizeof(float))) {
  std::fill(values().begin(), values().end(), 0.0F);
}

std::span<float> Tensor::values() {
  if (block_.data() == nullptr) return {};
  return {reinterpret_cast<float*>(block_.data()), static_cast<std::size_t>(shape_.elements())};
}

std::span<const float> Tensor::values() const {
  if (block_.data() == nullptr) return {};
  return {reinterpret_cast<const float*>(block_.data()),
          static_cast<std::size_t>(shape_.elements())};
}

Tensor Tensor::clone() const {
  if (block_.data() == nullptr) return {};
  Tensor copy(shape_);
  std::copy(values().begin(), values().end(), copy.values().begin());
  return copy;
}

void copy_tensor(const Tensor& from, Tensor& to) {
  if (from.values().empty()) {
    to = from.clone();
    return;
  }
  if (to.values().empty() || to.shape() != from.shape()) to = Tensor(from.shape());
  const std::span<float> copy = to.values();
  tbb::parallel_for(tbb::blocked_range<std::size_t>(0, copy.size(), kFloatsATask),
                    [&](const tbb::blocked_range<std::size_t>& part) {
                      const auto piece = from.values().subspan(part.begin(), part.size());
                      std::ranges::copy(piece, copy.subspan(part.begin()).begin());
                    });
}

}  // namespace sluice
